"""Decisions: which law applies, what it says of somebody's facts, and why."""
