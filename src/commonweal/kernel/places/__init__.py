"""Districts, addresses, and the calendar of working days."""
