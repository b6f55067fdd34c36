"""Codes of letters, as they come over the net: wrong ones are counted, and so are changes of a comment."""

from __future__ import annotations

from datetime import datetime

from commonweal.kernel.base.errors import TooManyRequests
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.throttle import address_of, take_place
from commonweal.kernel.consultations import actions
from commonweal.kernel.consultations.errors import CodeUnknown
from commonweal.kernel.consultations.models import Neighbour
from commonweal.kernel.consultations.queries import neighbour_with

WRONG_CODES, WRONG_WITHIN_S = 20, 300
"""Wrong codes of one address. A right one always passes: nobody guesses twelve characters, and no address shuts others out."""
CHANGES, CHANGES_WITHIN_S = 20, 3_600
"""Comments with one code; each is an entry of the ledger."""


def known(request: ActorRequest, code: str) -> Neighbour:
    """Return who was written to with a code.

    Raises:
        CodeUnknown: Nobody was.
        TooManyRequests: The same address has sent too many wrong ones.
    """
    try:
        return neighbour_with(code)
    except CodeUnknown:
        counted = f"consultations.wrong_code:{address_of(request)}"
        if not take_place(counted, most=WRONG_CODES, within_s=WRONG_WITHIN_S):
            raise TooManyRequests from None
        raise


def comment(request: ActorRequest, code: str, text: str, *, at: datetime) -> Neighbour:
    """Take in what a household says, as :func:`~commonweal.kernel.consultations.actions.comment` does.

    Raises:
        TooManyRequests: The comment was changed too often, or the same address has sent too many wrong codes.
    """
    found = known(request, code)
    if not take_place(f"consultations.comment:{found.pk}", most=CHANGES, within_s=CHANGES_WITHIN_S):
        raise TooManyRequests
    return actions.comment(code, text, by=request.actor, at=at)
