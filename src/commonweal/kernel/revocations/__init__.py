"""Taking back what was granted: with a ground, after a notice, with a word of the holder's."""
