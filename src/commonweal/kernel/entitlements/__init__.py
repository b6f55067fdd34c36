"""What somebody may be entitled to: one short interview over all services, before anybody signs in."""
