"""The values of FEEL: numbers, own temporal types, ranges and functions."""
