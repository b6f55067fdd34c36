"""What people may ask for about their own data, what the law keeps, and holds."""
