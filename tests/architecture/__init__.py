"""Rules of the whole tree, which hold for code not yet written."""
