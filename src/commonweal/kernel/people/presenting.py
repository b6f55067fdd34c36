"""Turns what is known of people, and who looked at it, into what their own pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import current_in, root, wordings
from commonweal.kernel.base.templates import isolated, long_date
from commonweal.kernel.base.types import ActorKind
from commonweal.kernel.ledger.types import Access
from commonweal.kernel.people.models import Fact
from commonweal.kernel.people.queries import fact_label, fact_lines

PURPOSES: Mapping[str, Any] = {
    "ask neighbours about a case and weigh what they say": gettext_lazy(
        "to ask neighbours about an application"
    ),
    "download of a file": gettext_lazy("to open a file"),
    "erase own data": gettext_lazy("to erase your own data"),
    "erase personal data": gettext_lazy("to look at a request that data be erased"),
    "fill in a form for somebody who agreed": gettext_lazy("to fill in a form for you, because you agreed"),
    "fill in what is known": gettext_lazy("to fill in a form with what we know already"),
    "grant rights to officers": gettext_lazy("to give officers their rights"),
    "grant what the law lets be granted without an application": gettext_lazy(
        "to grant something without an application"
    ),
    "mailbox.read": gettext_lazy("to read the letters in your mailbox"),
    "own details": gettext_lazy("to show what we know about you"),
    "place holds": gettext_lazy("to see to it that nothing is deleted for now"),
    "print people their own draft": gettext_lazy("to print a form that you had begun"),
    "put right what is held wrongly": gettext_lazy("to put a mistake right that was reported"),
    "share out what is scarce among those who applied": gettext_lazy(
        "to share out what there is among all who applied"
    ),
    "show people how their own application stands": gettext_lazy("to show how your application stands"),
    "show people the mistakes that they reported": gettext_lazy("to show the mistakes that you reported"),
    "show people their own applications": gettext_lazy("to show your own applications"),
    "show people what is taken back from them": gettext_lazy("to show what is taken back from you"),
    "show people what was granted to them without an application": gettext_lazy(
        "to show what was granted to you without an application"
    ),
    "show what is to be signed": gettext_lazy("to show what you are asked to sign"),
    "suggest what people may be entitled to": gettext_lazy("to suggest what you may be entitled to"),
    "take back what was granted": gettext_lazy("to look at whether something that was granted is taken back"),
    "type in a form that came on paper": gettext_lazy("to type in a form that came on paper"),
    "who looked at my data": gettext_lazy("to show who looked at your data"),
    "work on applications": gettext_lazy("to work on an application"),
    "work out what a change of the law means for people": gettext_lazy(
        "to work out what a change of the law means for you"
    ),
}
"""What the access log names as a purpose, in words for the person concerned; a test holds that all are here."""

_SOURCES: Mapping[str, Any] = {"person": gettext_lazy("You"), "consent": gettext_lazy("Your agreement")}
_PLACE = ("address", "dwelling_id")


def purpose_label(purpose: str) -> str:
    """Return what somebody looked for, in plain words."""
    return str(PURPOSES.get(purpose, purpose))


@dataclass(frozen=True)
class AccessRow:
    """Some accesses of one day by the same for the same.

    Attributes:
        on: The day.
        who: In words.
        what_for: Likewise.
        count: How many.
    """

    on: date
    who: str
    what_for: str
    count: int

    @property
    def times(self) -> str:
        """How often, in words."""
        return ngettext("%(count)d time", "%(count)d times", self.count) % {"count": self.count}


@dataclass(frozen=True)
class AccessPage:
    """Who looked at somebody's data: people first, then programs, then the person.

    Attributes:
        people: Officers, other agencies, and who acts for the person.
        programs: Automatic steps.
        own: The person's own visits.
    """

    people: tuple[AccessRow, ...]
    programs: tuple[AccessRow, ...]
    own: tuple[AccessRow, ...]


def access_page(seen: Iterable[Access], records: Iterable[UUID], officers: Mapping[UUID, str]) -> AccessPage:
    """Group accesses by day, who and what for; the latest day first.

    Args:
        seen: The accesses, the latest first.
        records: The records of the person.
        officers: Names by id.
    """
    own_ids = {str(record) for record in records}
    counts: dict[str, dict[tuple[date, str, str], int]] = {"people": {}, "programs": {}, "own": {}}
    for found in seen:
        is_own, is_program = found.actor.id in own_ids, found.actor.kind is ActorKind.SYSTEM
        part = counts["own" if is_own else "programs" if is_program else "people"]
        who = _("You") if is_own else _who(found, officers)
        line = (clock.local(found.at).date(), who, purpose_label(found.purpose))
        part[line] = part.get(line, 0) + 1
    rows = {
        name: tuple(AccessRow(*line, count) for line, count in lines.items())
        for name, lines in counts.items()
    }
    return AccessPage(**rows)


def _who(found: Access, officers: Mapping[UUID, str]) -> str:
    if found.actor.kind is ActorKind.OFFICER:
        agencies = current_in().agencies
        agency = next((agency.name for agency in agencies if agency.key == found.actor.agency), "")
        return ", ".join(filter(None, (officers.get(UUID(found.actor.id), _("An officer")), agency)))
    if found.actor.kind is ActorKind.SYSTEM:
        return _("An automatic step")
    if found.actor.kind is ActorKind.CLIENT:
        return _("Another system: %(name)s") % {"name": found.actor.id}
    return _("Somebody who acts for you")


def fact_groups(facts: Iterable[Fact], correcting: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return facts by subject: the person, the home, the household, all else; each with source, day and law.

    They are summaries for the component that draws questions and answers.

    Args:
        facts: The latest of each key first.
        correcting: Where to report a mistake, by key of the fact.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        groups.setdefault(_subject(fact.key), []).append(
            {
                "label": fact_label(fact.key),
                "value": [
                    isolated(line) if fact.key in _PLACE else line
                    for line in fact_lines(fact.key, fact.value)
                ],
                "note": _known(fact),
                "change": correcting.get(fact.key, ""),
            }
        )
    titles = {
        "person": _("About you"),
        "home": _("Where you live"),
        "household": _("Your household"),
        "more": _("More facts"),
    }
    return [{"title": title, "rows": groups[key]} for key, title in titles.items() if key in groups]


def _subject(key: str) -> str:
    if key in _PLACE:
        return "home"
    if key == "household":
        return "household"
    return "person" if key in {"birth_date", "email", "phone"} else "more"


def _known(fact: Fact) -> str:
    """Return who told us a fact, when, and which law lets us keep it."""
    said = wordings(root(), get_language() or "")
    source = str(_SOURCES.get(fact.source, said.get(fact.source, fact.source)))
    law = str(_SOURCES.get(fact.legal_basis, said.get(fact.legal_basis, fact.legal_basis)))
    return _("From: %(source)s. As of %(day)s. Legal basis: %(law)s") % {
        "source": source,
        "day": long_date(fact.observed_at),
        "law": law,
    }
