"""Finds the route of an address among those that begin alike, instead of trying hundreds one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Route = URLPattern | URLResolver


class ByBeginning(URLResolver):
    """Routes of many apps, sorted by the part of the address before its first slash; the order within each stays.

    A route that begins with a value belongs to every beginning.

    Args:
        routes: As a urlconf lists them.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        super().__init__(RoutePattern(""), routes)

    def resolve(self, path: str) -> ResolverMatch:
        """Find the route of an address.

        Raises:
            Resolver404: There is none.
        """
        for route in self._sorted.get(path.partition("/")[0], self._other):
            try:
                found = route.resolve(path)
            except Resolver404:
                continue
            if found:
                if isinstance(route, URLResolver):
                    found.route = str(route.pattern) + found.route
                return found
        raise Resolver404({"path": path})

    @cached_property
    def _sorted(self) -> dict[str, list[Route]]:
        routes = self.url_patterns
        return {each: _restricted(routes, each) for each in _beginnings(routes) if each is not None}

    @cached_property
    def _other(self) -> list[Route]:
        return _restricted(self.url_patterns, None)


def _beginnings(routes: Sequence[Route]) -> set[str | None]:
    return set().union(*(_beginnings_of(route) for route in routes))


def _beginnings_of(route: Route) -> set[str | None]:
    """Return what the addresses of a route begin with; None stands for anything."""
    written = str(route.pattern)
    first, slash, _ = written.partition("/")
    if not isinstance(route.pattern, RoutePattern) or "<" in first:
        return {None}
    if slash or isinstance(route, URLPattern):
        return {first}
    return {None} if first else _beginnings(route.url_patterns)


def _restricted(routes: Sequence[Route], beginning: str | None) -> list[Route]:
    """Return those routes that an address with this beginning can have."""
    found: list[Route] = []
    for route in routes:
        if not {None, beginning} & _beginnings_of(route):
            continue
        if isinstance(route, URLResolver) and not str(route.pattern):
            inner = _restricted(route.url_patterns, beginning)
            found.append(
                URLResolver(route.pattern, inner, route.default_kwargs, route.app_name, route.namespace)
            )
        else:
            found.append(route)
    return found
