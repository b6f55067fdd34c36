"""Cases: one run of a service for somebody, stage by stage, from application to letter."""
