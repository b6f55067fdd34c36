"""The practice city: built by a seeded generator, started and stopped as one."""
