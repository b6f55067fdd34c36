"""Persons, organisations, officers, teams and roles; accounts and sign-in."""
