"""The page shell: how an app answers with a page, and what apps above hang into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from django.utils.functional import Promise

from commonweal.kernel.base.csrf import Token, TokenField
from commonweal.kernel.base.jinja import Reader, reader
from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.prepared import Question
from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.templates import address
from commonweal.kernel.base.types import Actor


@dataclass(frozen=True, eq=False)
class NavigationItem:
    """A link in the navigation of one of the two faces, or at the foot of every page.

    Attributes:
        key: Permanent name.
        face: ``portal``, ``workbench`` or ``footer``.
        label: As people read it.
        url_name: Name of the route, without arguments.
        order: Ascending.
        shown_to: Whether an actor sees it.
    """

    key: str
    face: str
    label: str | Promise
    url_name: str
    order: int
    shown_to: Callable[[Actor], bool]


def asks_nothing(actor: Actor) -> Sequence[Question]:
    """Ask nothing: most slots, and what nobody can know before."""
    return ()


@dataclass(frozen=True)
class PageSlot:
    """A value that an app above hands to every page, for example the number of unread messages.

    Attributes:
        key: The name under which templates find it in ``slots``.
        value: Computed at most once a page, and only if the template asks.
        asks: What it looks up for an actor; a page that always shows it may ask that together with its own questions.
    """

    key: str
    value: Callable[[HttpRequest], Any]
    asks: Callable[[Actor], Sequence[Question]] = asks_nothing


navigation: Registry[NavigationItem] = Registry("base.navigation")
slots: Registry[PageSlot] = Registry("base.slot")


class _Slots:
    """The slots of one page: attributes, each computed when it is asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __getattr__(self, key: str) -> Any:
        if key not in slots:
            raise AttributeError(key)
        found = self.__dict__[key] = slots[key].value(self._request)
        return found


class Link(NamedTuple):
    """A link in the navigation, for one reader.

    Attributes:
        href: Where it leads.
        label: As it is read.
    """

    href: str
    label: str


@lru_cache(maxsize=1024)
def _links(shown: tuple[NavigationItem, ...], for_whom: Reader) -> tuple[Link, ...]:
    """Return the links to some places; kept, for there are as many kinds of readers as languages times roles."""
    return tuple(Link(address(item.url_name), str(item.label)) for item in shown)


class _Navigation:
    """Where an actor may go: attributes by face, each computed when it is asked for."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def __getattr__(self, face: str) -> tuple[Link, ...]:
        found = self.__dict__[face] = _links(tuple(items(face, self._actor)), reader())
        return found


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with a page made from one of our Jinja2 templates.

    Args:
        request: Its ``actor`` and language shape the shell.
        template: Name below ``jinja2/``, for example ``cases/case.html``.
        context: What the template shows.
        status: HTTP status.
    """
    drawn = engines["jinja2"].get_template(template).render(context or {}, request)
    return HttpResponse(drawn, status=status)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what every template knows (a Django context processor)."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "actor": actor,
        "csrf_input": TokenField(request),
        "csrf_token": Token(request),
        "jurisdiction": current_in(language),
        "language": language,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "is_demo": settings.COMMONWEAL_DEMO,
        "navigation": _Navigation(actor),
        "slots": _Slots(request),
        "path": request.get_full_path(),
    }


def items(face: str, actor: Actor) -> list[NavigationItem]:
    """Return the places of a face that an actor may go to, in order."""
    shown = [item for item in navigation if item.face == face and item.shown_to(actor)]
    return sorted(shown, key=lambda item: item.order)
