"""Dated parameters of the law."""
