"""Letters about awards that are sent when a day comes."""
