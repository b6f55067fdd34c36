"""Whom a matter concerns hears of it, and is heard before it is decided."""
