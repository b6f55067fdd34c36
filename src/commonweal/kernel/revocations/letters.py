"""The letters of a revocation, in the holder's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.revocations.enums import Status

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.revocations.models import Revocation
    from commonweal.kernel.revocations.types import RevocationSource

Translate = Callable[[str], str]


def announce(case: Case, found: Revocation, section: RevocationSource, *, by: Actor, at: datetime) -> None:
    """Tell the holder what is taken back, why, by which rule, from when, and what they can do."""

    def lines(translate: Translate) -> Sequence[str]:
        ground = section.ground(found.ground)
        assert ground is not None
        day = {"day": long_date(found.effective_on)}
        said = [
            _("It took effect today.")
            if found.status == Status.DONE
            else _("It takes effect on %(day)s. Until then nothing changes.") % day,
            _("The ground: %(ground)s (%(rule)s)")
            % {"ground": translate(ground.label), "rule": ground.legal_basis},
            found.reasons,
        ]
        if found.is_open:
            path = reverse("revocations:own", kwargs={"reference": case.reference})
            said.append(_("You can tell us before what you think of it. Sign in, and write to us here:"))
            said.append(settings.COMMONWEAL_URL.rstrip("/") + path)
        return [*said, *_remedy(case, translate, at), translate(section.text) if section.text else ""]

    _write(case, found, _announced, lines, by=by, at=at)


def tell(case: Case, found: Revocation, *, by: Actor, at: datetime) -> None:
    """Tell the holder how a revocation that was announced stands now, and why."""
    _write(case, found, _TITLES[Status(found.status)], lambda _translate: [found.remark], by=by, at=at)


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


def _write(
    case: Case,
    found: Revocation,
    title: Callable[[], str],
    lines: Callable[[Translate], Sequence[str]],
    *,
    by: Actor,
    at: datetime,
) -> None:
    service = catalogue.compiled(case.version_id)
    card = cases.knowledge_of(case, at=at).applicant
    translate = service.translator(card.language)
    with translation.override(card.language):
        about = {"reference": case.reference, "service": translate(service.info.name)}
        first = _("This is about your application %(reference)s: %(service)s.") % about
        mailbox.write(
            case.applicant_id,
            case,
            title=title(),
            text="\n\n".join(line for line in (first, *lines(translate)) if line),
            by=by,
            at=at,
            unique_key=f"revocations:{found.pk}:{found.revision}",
            card=card,
        )
