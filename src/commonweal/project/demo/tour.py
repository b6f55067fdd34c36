"""The tour of five minutes, in words; README.md says the same, and a test compares. Imports no Django."""

from __future__ import annotations

from commonweal.project.demo.identities import OFFICERS, PASSWORD, TOUR_OFFICER, TOUR_RESIDENT

ADDRESS = "http://127.0.0.1:8000"

STEPS: tuple[str, ...] = (
    (
        f"Open {ADDRESS}/account/login/ and sign in as `{TOUR_RESIDENT}` with the password `{PASSWORD}`. Ana lives in "
        "Old Mill with her two children."
    ),
    (
        "Choose **Services**, then **Food assistance**, then **Start now**. The city knows already who lives with Ana. "
        "Choose **Change** beside her name, enter 1850 as her pay from a job, and press **Continue**, then "
        "**That is all – continue**."  # noqa: RUF001 - as the button says
    ),
    (
        "Enter a rent of 1240 and **No** for being without a home; **Yes** for heating, 2 other bills, **Yes** for the "
        "telephone; 320 for child care. Leave the circumstances as they are, choose English, check the answers and "
        "press **Send**."
    ),
    (
        "The law has decided. Read the amount, and below it what decided, with Ana's numbers and the law for each. Choose "
        "**See every step of how we worked it out** for all the steps, and open one to read its rule."
    ),
    (
        "Choose **Mailbox**, open the letter, and download it as a PDF. The e-mail that told Ana of it is caught at "
        f"{ADDRESS}/demo/mail/."
    ),
    (
        f"Sign out, and sign in as `{TOUR_OFFICER}` with the same password. Open {ADDRESS}/workbench/, choose a case from "
        "the queue of parking permits, press **Take this case**, read what the law says of it, and press **Decide so**. "
        "Where the law gives no answer, the page names the figure that is missing: choose another case then."
    ),
    "In another terminal, run `./cw ledger verify`. It recomputes the record of everything done, and of your own steps.",
)


def unmarked(step: str) -> str:
    """Return a step for the terminal: without the marks of Markdown, which is drawn nowhere there."""
    return step.replace("**", "").replace("`", "")


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
        f"  {number}. {unmarked(step.replace(ADDRESS, address))}"
        for number, step in enumerate(STEPS, start=1)
    )
    tour = f"\n\nA tour of five minutes:\n\n{steps}" if steps else ""
    return (
        f"\nPort Alder is open: {address}/\n\n"
        f"  E-mails that it sends are caught and shown at {address}/demo/mail/\n"
        f"  Sign in at {address}/account/login/; the password of everybody is {PASSWORD}\n\n{people}\n"
        f"{tour}\n\nCtrl-C stops it.\n"
    )
