"""The parts of `benchmarks/journey.py`: the rows, the requests, the measuring."""
