"""Reads a service's folder and compiles it; touches neither database nor clock."""
