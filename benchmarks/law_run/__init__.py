"""The parts of `./cw bench law`: one module a measure, and the peers' programs."""
