"""Looks at every running award again when the law changes."""
