"""The words of the command line. Nothing here imports Django or an app, so that `help` is instant."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import Enum


class Needs(Enum):
    """What a word needs before it can run.

    Attributes:
        NOTHING: It is a library's own command.
        DECLARATIONS: Django and the jurisdiction's files; it keeps nothing and reads no database.
        DATABASE: Settings with their secrets, or else the practice city that `demo` has built.
    """

    NOTHING = "nothing"
    DECLARATIONS = "declarations"
    DATABASE = "database"


@dataclass(frozen=True)
class Word:
    """One command.

    Attributes:
        name: What is typed.
        line: What it does, in one line.
        target: ``module:function``; the function takes the arguments that follow and returns the exit status.
            Empty for a command of Django's own.
        needs: What must be there first.
        keeps_name: The function takes the word itself as first argument; it serves several.
    """

    name: str
    line: str
    target: str
    needs: Needs
    keeps_name: bool = False


WORDS = (
    Word("demo", "build the practice city and start it", "commonweal.project.demo.cli:main", Needs.NOTHING),
    Word(
        "check",
        "compile the declarations and say what is wrong, with file and line",
        "commonweal.kernel.catalogue.cli:main",
        Needs.DECLARATIONS,
    ),
    Word(
        "publish",
        "make versions of services from their folders",
        "commonweal.kernel.catalogue.cli:publish",
        Needs.DATABASE,
    ),
    Word(
        "export",
        "write a version of a service as a folder",
        "commonweal.kernel.catalogue.cli:export",
        Needs.DATABASE,
    ),
    Word(
        "ledger", "check the record of everything done", "commonweal.kernel.ledger.cli:main", Needs.DATABASE
    ),
    Word(
        "fairness",
        "say how a service's decisions come out by group, and what flips of facts change",
        "commonweal.kernel.decisions.cli_fairness:main",
        Needs.DATABASE,
    ),
    Word(
        "interview",
        "fill in a form in the terminal, question by question, over the API",
        "commonweal.project.cli.interview:main",
        Needs.NOTHING,
    ),
    Word(
        "law",
        "say what the law is on a day; check a programme, run it over a population",
        "commonweal.kernel.decisions.cli:main",
        Needs.DECLARATIONS,
    ),
    Word(
        "population",
        "make a population of invented people, to simulate with",
        "commonweal.domains.insight.populations.cli:main",
        Needs.DECLARATIONS,
    ),
    Word(
        "dmn",
        "check decision models, make decisions, turn tables into models",
        "commonweal.engines.dmn.cli:main",
        Needs.NOTHING,
        keeps_name=True,
    ),
    Word(
        "feel",
        "evaluate an expression of the law's language",
        "commonweal.engines.dmn.cli:main",
        Needs.NOTHING,
        keeps_name=True,
    ),
    Word(
        "reencrypt",
        "bring every encrypted value under the current key",
        "commonweal.project.cli.keys:main",
        Needs.DATABASE,
    ),
    Word("web", "serve the pages and the API", "commonweal.project.cli.web:main", Needs.DATABASE),
    Word(
        "worker",
        "do the work that waits: letters, e-mails, deadlines",
        "commonweal.kernel.jobs.cli:main",
        Needs.DATABASE,
    ),
    Word("migrate", "make or change the tables of the database", "", Needs.DATABASE),
    Word("makemigrations", "write migrations for changed models", "", Needs.DATABASE),
    Word("collectstatic", "gather styles and scripts for the web server", "", Needs.DATABASE),
    Word("shell", "open Python with everything loaded", "", Needs.DATABASE),
    Word("manage", "run any other command of Django's", "", Needs.DATABASE),
)


def find(name: str) -> Word | None:
    """Return the word with this name."""
    return next((word for word in WORDS if word.name == name), None)


def page() -> str:
    """Return the help page: each word with its line."""
    width = max(len(word.name) for word in WORDS)
    listed = "\n".join(f"  {word.name:{width}}  {word.line}" for word in WORDS)
    return (
        f"Usage: commonweal WORD [options]\n\n{listed}\n  {'help':{width}}  print this page\n\n"
        "`commonweal WORD --help` says more about a word.\n"
    )


def unknown(name: str) -> str:
    """Return what to tell somebody who typed a word that is not there."""
    near = difflib.get_close_matches(name, [word.name for word in WORDS] + ["help"], n=1)
    guess = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no word '{name[:40]}'.{guess} `commonweal help` lists them all.\n"
