"""What a decision granted: term, amount, capacity used, revocation."""
