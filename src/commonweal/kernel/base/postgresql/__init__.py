"""Django's PostgreSQL backend, with a check of the connection that costs no round trip."""
