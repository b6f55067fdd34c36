"""The desk of an officer: one thing is done to one matter, and what goes wrong stands on its page with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import ActorRequest
from commonweal.kernel.base.types import Money

T = TypeVar("T")


@dataclass(frozen=True)
class Desk(Generic[T]):
    """What the views of one matter share that do something to it.

    Attributes:
        find: Returns the matter that an address names, where the actor may see it.
        show: Answers with its page and what went wrong.
        url_name: Route of the page to go back to.
        key: What the address names it by: argument of that route, and attribute of the matter.
        handle: Attribute of the matter that actions take.
        shown: Errors that stand on the page; all others answer by themselves.
    """

    find: Callable[[ActorRequest, Any], T]
    show: Callable[[ActorRequest, T, CommonwealError], HttpResponse]
    url_name: str
    key: str = "reference"
    handle: str = "pk"
    shown: tuple[type[CommonwealError], ...] = (Invalid, Conflict)

    def act(self, request: ActorRequest, key: Any, action: Callable[..., object]) -> HttpResponse:
        """Do something and go back to the page; on a mistake show it as it stands now, with what was typed.

        Args:
            request: Its actor acts.
            key: What the address says.
            action: Takes the matter's handle, ``by`` and ``at``; the rest has been filled in.
        """
        found = self.find(request, key)
        try:
            action(attrgetter(self.handle)(found), by=request.actor, at=clock.now())
        except self.shown as error:
            return self.show(request, self.find(request, key), error)
        back: HttpResponse = redirect(self.url_name, **{self.key: key})
        return back


def form_page(
    request: ActorRequest, template: str, context: dict[str, Any], *, error: CommonwealError | None = None
) -> HttpResponse:
    """Answer with a page that has forms. Its template knows ``typed``, ``error`` and ``errors`` (by field) besides.

    Args:
        request: What it sent stands in the forms again.
        template: Name below ``jinja2/``.
        context: What the template shows.
        error: What went wrong; its status is the answer's.
    """
    fields = error.fields if isinstance(error, Invalid) else {}
    known = {"typed": request.POST, "error": error, "errors": fields}
    return page(request, template, known | context, status=error.status if error else 200)


def shown_revision(request: ActorRequest) -> int:
    """Return the revision that a page showed; a broken value counts as out of date."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def sent_amount(request: ActorRequest, name: str) -> Money | None:
    """Return the amount that was typed into a field, in the jurisdiction's currency; None where it was left empty.

    Raises:
        Invalid: It is no amount, or one of a hundred million or more.
    """
    text = request.POST.get(name, "").strip().lstrip("$").replace(",", "")
    if not text:
        return None
    message = _("Enter the amount as a number, such as 120 or 120.50.")
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        raise Invalid({name: message}) from None
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents <= 10**11:
        raise Invalid({name: message})
    return Money(int(cents), current().currency)
