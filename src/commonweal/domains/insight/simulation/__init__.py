"""What a change of the law does to a whole population: no database, no clock, no requests."""
