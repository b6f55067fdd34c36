"""From what was typed to what is stored, and from there to FEEL."""
