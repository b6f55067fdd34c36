"""Figures as people see them: words, tables, charts."""
