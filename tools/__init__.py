"""Programs for the people who build Commonweal; `./cw` runs them with the environment's Python."""
