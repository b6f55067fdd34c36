"""The parts of `benchmarks/forms.py`: the large forms, and what is measured with them."""
