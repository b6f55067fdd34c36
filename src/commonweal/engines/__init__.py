"""Plain Python engines: each implements one open standard or published method."""
