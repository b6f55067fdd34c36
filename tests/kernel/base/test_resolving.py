"""Routes by what an address begins with: found are the same as one after the other."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, include, path, re_path
from django.urls.resolvers import RoutePattern
from tests.architecture.routes import every_route

from commonweal.kernel.base.resolving import ByBeginning
from commonweal.project.urls import urlpatterns


def view(request: HttpRequest, **values: Any) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse()


ROUTES: list[URLPattern | URLResolver] = [
    path("api/v1/", include(([path("cases/<int:number>/", view, name="case")], "api"))),
    path("", include(([path("", view, name="home"), path("me/", view, name="me")], "portal"))),
    path("", include(([path("me/files/", view, name="files"), path("<slug:any>/all/", view)], "files"))),
    path("me/<slug:any>/", view, name="any"),
    path("about", view, name="about"),
    path("ab", include([path("out/us/", view, name="us")])),
    re_path("^year-[0-9]+/", view, name="year"),
]
ADDRESSES = [
    "",
    "",
    "me/",
    "me",
    "me/files/",
    "me/x/",
    "x/all/",
    "me/all/",
    "api/v1/cases/7/",
    "api/v1/cases/x/",
    "api/",
    "about",
    "about/",
    "about/us/",
    "year-7/",
    "year-x/",
    "nowhere/",
    "/",
    "//",
][1:]


def found(routes: URLResolver, address: str) -> Any:
    try:
        match = routes.resolve(address)
    except Resolver404:
        return None
    told = (match.view_name, match.namespaces, match.app_names, match.captured_kwargs, match.extra_kwargs)
    return match.func, match.args, match.kwargs, match.route, *told


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_leads_where_all_routes_one_after_the_other_lead(address: str) -> None:
    assert found(ByBeginning(ROUTES), address) == found(URLResolver(RoutePattern(""), ROUTES), address)


def test_every_address_of_ours_leads_where_it_did() -> None:
    ours = urlpatterns[0]
    one_by_one = URLResolver(RoutePattern(""), ours.url_patterns)
    addresses = [
        re.sub("<[^>]*>", value, route.path) for route in every_route() for value in ("abc", str(UUID(int=7)))
    ]
    assert [found(ours, each) for each in addresses] == [found(one_by_one, each) for each in addresses]
