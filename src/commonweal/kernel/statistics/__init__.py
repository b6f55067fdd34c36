"""What each service did: received, decided, how fast, by which way."""
