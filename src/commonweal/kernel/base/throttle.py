"""How often something may be done in a while, for example a wrong code be sent from one address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def take_place(what: str, *, most: int, within_s: int) -> bool:
    """Whether something may be done once more now; each time takes one of so many places for a while.

    Of processes that ask at once only one gets a place, whichever adds it first.

    Args:
        what: What is counted, with whom it is counted for.
        most: How many places there are.
        within_s: How long each is taken, in seconds.
    """
    places = [f"{what}:{number}" for number in range(most)]
    taken = cache.get_many(places)
    return any(place not in taken and cache.add(place, True, timeout=within_s) for place in places)


def address_of(request: HttpRequest) -> str:
    """Return the address that a request comes from, behind as many proxies as the settings trust."""
    return str(get_adapter().get_client_ip(request))
