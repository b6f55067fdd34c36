"""What was done, by whom and when: append-only events, and who looked at whose data."""
