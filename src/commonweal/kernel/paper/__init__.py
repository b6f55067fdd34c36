"""Forms on paper: printed with a code, and taken in again under it."""
