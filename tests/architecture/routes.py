"""Every route and every operation of the API, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from commonweal.kernel.base.routes import RouteRule
from commonweal.project.api import api


@dataclass(frozen=True)
class Route:
    """A route of the site.

    Attributes:
        name: With its namespace, as `reverse` takes it.
        path: As the resolver writes it.
        view: What answers.
    """

    name: str
    path: str
    view: Any

    @property
    def rule(self) -> RouteRule | None:
        """What it declares."""
        return getattr(self.view, "route_rule", None)

    @property
    def is_foreign(self) -> bool:
        """Whether another package's view answers."""
        return not self.view.__module__.startswith("commonweal.")


def routes() -> list[Route]:
    """Every route but those of the API, which are operations."""
    return [found for found in every_route() if not found.name.startswith("api:")]


def every_route() -> list[Route]:
    """Every route, those of the API too."""
    return list(_walk(get_resolver()))


def _walk(resolver: Any, path: str = "", space: str = "") -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{space}{pattern.name}", here, pattern.callback)


def operations() -> list[Route]:
    """Every operation of the API; its name is its method and path."""
    return [
        Route(f"{method} {prefix}{path}", f"/api/v1{prefix}{path}", operation.view_func)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def undeclared(found: list[Route]) -> list[str]:
    """Those that say neither who may come nor what they disclose."""
    return [
        route.name
        for route in found
        if route.rule is None or not callable(route.rule.allows) or not route.rule.discloses.strip()
    ]
