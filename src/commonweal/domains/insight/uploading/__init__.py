"""Populations that analysts bring: read, checked and put into the shape of the law's model."""
