"""Pages on which officers write services, and approve what others wrote."""
