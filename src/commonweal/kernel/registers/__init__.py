"""Declared registers of facts (dwellings, vehicles, fines), each entry with its source and time."""
