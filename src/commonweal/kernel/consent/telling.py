"""Tells people by e-mail how the erasure of their data went, without a word about them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.jobs.actions import queue_mail
from commonweal.kernel.people.types import PersonCard

if TYPE_CHECKING:
    from commonweal.kernel.consent.models import Erasure


def tell_done(erasure: Erasure, card: PersonCard, *, at: datetime) -> None:
    """Say that everything is erased.

    The address stands in the outbox, encrypted, until the mail server has taken the message or it is given up.

    Args:
        erasure: The request.
        card: The person as known before the name went.
        at: When, with a time zone.
    """
    with translation.override(card.language):
        subject_line = _("Your data have been erased")
        text = _(
            "The data that %(city)s held about you were erased on %(day)s.\n\n"
            "Records that carry no name, and proof that this was done, stay. We do not keep your e-mail address: this "
            "is the last message about it."
        ) % {"city": current_in().name, "day": long_date(clock.local(at).date())}
        _send(erasure, card, "done", subject_line, text, at=at)


def tell_waits(erasure: Erasure, card: PersonCard, *, at: datetime) -> None:
    """Say that a part is erased, and when it goes on."""
    assert erasure.next_on is not None
    with translation.override(card.language):
        subject_line = _("A part of your data has been erased")
        text = _(
            "%(city)s has erased the data held about you, but for what the law keeps for a while. It goes on by itself; "
            "the next step is on %(day)s. You need to do nothing. We write to you again at the end."
        ) % {"city": current_in().name, "day": long_date(erasure.next_on)}
        _send(erasure, card, "waits", subject_line, text, at=at)


def _send(
    erasure: Erasure, card: PersonCard, what: str, subject_line: str, text: str, *, at: datetime
) -> None:
    if card.email:
        queue_mail(
            to=[card.email],
            subject_line=subject_line,
            text=text,
            idempotency_key=f"consent.{what}:{erasure.pk}",
            at=at,
            agency=erasure.agency or None,
        )
