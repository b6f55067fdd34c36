"""From decisions to the intermediate representation."""
