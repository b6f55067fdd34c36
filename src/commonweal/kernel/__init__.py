"""What every public service needs; knows no domain."""
