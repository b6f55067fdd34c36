"""Stored files: random key, hash, scan state, retention, authorised download."""
