"""Filling in a form for somebody, or together with them: at the counter, by phone."""
