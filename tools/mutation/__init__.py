"""Measures whether the tests notice a change: `./cw mutation`, described in docs/reference/testing.md."""
