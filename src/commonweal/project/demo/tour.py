"""The tour of five minutes, in words; README.md says the same, and a test compares. Imports no Django."""

from __future__ import annotations

from commonweal.project.demo.identities import OFFICERS, PASSWORD, TOUR_OFFICER, TOUR_RESIDENT

ADDRESS = "http://127.0.0.1:8000"

STEPS: tuple[str, ...] = ()


def sign_ins() -> list[tuple[str, str]]:
    """Return e-mail addresses with whom they belong to, the tour's first."""
    officers = [(one.email, f"{one.name}, {one.title.lower()}, {_area(one.teams)}") for one in OFFICERS]
    officers.sort(key=lambda pair: pair[0] != TOUR_OFFICER)
    return [(TOUR_RESIDENT, "Ana Flores, resident"), *officers]


def _area(teams: tuple[str, ...]) -> str:
    return " and ".join(team.replace("-", " ") for team in teams) or "whole city"


def welcome(address: str) -> str:
    """Return what is printed once everything runs.

    Args:
        address: Of the start page, without a slash at the end.
    """
    width = max(len(email) for email, _ in sign_ins())
    people = "\n".join(f"    {email:{width}}  {who}" for email, who in sign_ins())
    steps = "\n".join(
        f"  {number}. {step.replace(ADDRESS, address)}" for number, step in enumerate(STEPS, start=1)
    )
    tour = f"\n\nA tour of five minutes:\n\n{steps}" if steps else ""
    return (
        f"\nPort Alder is open: {address}/\n\n"
        f"  E-mails that it sends are caught and shown at {address}/demo/mail/\n"
        f"  Sign in at {address}/account/login/; the password of everybody is {PASSWORD}\n\n{people}\n"
        f"{tour}\n\nCtrl-C stops it.\n"
    )
