"""The ground floor: errors, events, registries, the jurisdiction, the page shell, security."""
