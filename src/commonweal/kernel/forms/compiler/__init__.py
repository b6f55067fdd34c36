"""Compiles the section `form` of a service."""
