"""What is scarce, shared out among the cases of a round."""
