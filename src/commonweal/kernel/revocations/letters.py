"""The letters of a revocation, in the holder's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base import clock
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.queries import section_of

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.people.types import PersonCard
    from commonweal.kernel.revocations.models import Revocation

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter as its receiver reads it.

    Attributes:
        reader: Whose language it is in.
        title: One line.
        text: Paragraphs with an empty line between them.
    """

    reader: PersonCard
    title: str
    text: str


def announcement(case: Case, found: Revocation, *, at: datetime) -> Wording:
    """Return the letter that says what is taken back, why, by which rule, from when, and what the holder can do."""

    def lines(translate: Translate) -> Sequence[str]:
        section = section_of(case)
        ground = section.ground(found.ground) if section else None
        assert section is not None
        assert ground is not None
        is_over = found.effective_on <= clock.local(at).date()
        day = {"day": long_date(found.effective_on)}
        said = [
            _("It took effect today.")
            if is_over
            else _("It takes effect on %(day)s. Until then nothing changes.") % day,
            _("The ground: %(ground)s (%(rule)s)")
            % {"ground": translate(ground.label), "rule": ground.legal_basis},
            found.reasons,
        ]
        if not is_over:
            path = reverse("revocations:own", kwargs={"reference": case.reference})
            said.append(_("You can tell us before what you think of it. Sign in, and write to us here:"))
            said.append(settings.COMMONWEAL_URL.rstrip("/") + path)
        return [*said, *_remedy(case, translate, at), translate(section.text) if section.text else ""]

    return _worded(case, found, _announced, lines, at=at)


def announce(case: Case, found: Revocation, *, by: Actor, at: datetime) -> None:
    """Tell the holder what is taken back; see :func:`announcement`."""
    _send(case, found, announcement(case, found, at=at), by=by, at=at)


def tell(case: Case, found: Revocation, *, by: Actor, at: datetime) -> None:
    """Tell the holder how a revocation that was announced stands now, and why."""
    title = _TITLES[Status(found.status)]
    worded = _worded(case, found, title, lambda _translate: [found.remark], at=at)
    _send(case, found, worded, by=by, at=at)


def _announced() -> str:
    return _("We take back what was granted to you")


_TITLES: dict[Status, Callable[[], str]] = {
    Status.ANNOUNCED: lambda: _("The revocation goes on"),
    Status.SUSPENDED: lambda: _("The revocation is suspended"),
    Status.DONE: lambda: _("The revocation has taken effect"),
    Status.DROPPED: lambda: _("The revocation is dropped: you keep what was granted to you"),
}


def _remedy(case: Case, translate: Translate, at: datetime) -> list[str]:
    """Return until when, how and by which rule the holder can appeal; nothing where the service does not say."""
    service = catalogue.compiled(case.version_id)
    appeal = decisions.decision_of(service).spec.appeal
    until = decisions.appeal_day(service, told_on=cases.told_by_letter(case, at=at))
    if until is None:
        return []
    last = _("You can appeal until %(day)s (%(rule)s).") % {
        "day": long_date(until),
        "rule": appeal.legal_basis,
    }
    return [last, translate(appeal.text)]


def _worded(
    case: Case,
    found: Revocation,
    title: Callable[[], str],
    lines: Callable[[Translate], Sequence[str]],
    *,
    at: datetime,
) -> Wording:
    service = catalogue.compiled(case.version_id)
    reader = cases.knowledge_of(case, at=at).applicant
    translate = service.translator(reader.language)
    award = awards.award(found.award_id)
    label = cases.granted_label(case, award, at=at) if award is not None else ""
    with translation.override(reader.language):
        about = {"reference": case.reference, "service": translate(service.info.name)}
        first = [_("This is about your application %(reference)s: %(service)s.") % about]
        if label:
            first.append(_("What was granted to you: %(what)s.") % {"what": label})
        text = "\n\n".join(line for line in (" ".join(first), *lines(translate)) if line)
        return Wording(reader, title(), text)


def _send(case: Case, found: Revocation, worded: Wording, *, by: Actor, at: datetime) -> None:
    mailbox.write(
        case.applicant_id,
        case,
        title=worded.title,
        text=worded.text,
        by=by,
        at=at,
        unique_key=f"revocations:{found.pk}:{found.revision}",
        card=worded.reader,
    )
