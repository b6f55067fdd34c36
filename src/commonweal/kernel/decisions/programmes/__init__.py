"""Programmes of law: read from ``law/<programme>/``, checked, compiled once, explained."""
