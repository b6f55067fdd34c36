"""What residents say is wrong with what the government holds about them, and who puts it right."""
