"""Commonweal runs a government's public services end to end, from law to letter."""
