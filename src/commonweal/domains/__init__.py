"""One app for each field of government work; a domain never imports another."""
