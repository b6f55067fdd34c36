"""How often something may be done in a while, for example a wrong code be sent from one address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def take_place(what: str, *, most: int, within_s: int) -> bool:
    """Whether something may be done once more now; each time takes one of so many places for a while.

    Args:
        what: What is counted, with whom it is counted for.
        most: How many places there are.
        within_s: How long each is taken, in seconds.
    """
    return place_for(what, most=most, within_s=within_s) is not None


def place_for(what: str, *, most: int, within_s: int) -> str | None:
    """Take a place as :func:`take_place` does; return it, so that what need not count gives it back, or None.

    Of processes that ask at once only one gets a place, whichever adds it first.
    """
    places = [f"{what}:{number}" for number in range(most)]
    taken = cache.get_many(places)
    free = (place for place in places if place not in taken and cache.add(place, True, timeout=within_s))
    return next(free, None)


def give_back(place: str) -> None:
    """Give back a place: what it was taken for does not count."""
    cache.delete(place)


def address_of(request: HttpRequest) -> str:
    """Return the address that a request comes from, behind as many proxies as the settings trust."""
    return str(get_adapter().get_client_ip(request))
