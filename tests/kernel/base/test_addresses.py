"""Addresses that templates and pages put together are those that Django's own `reverse` gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import NoReverseMatch, include, path, reverse

from commonweal.kernel.base.templates import address


def nowhere(request: HttpRequest, **named: Any) -> HttpResponse:
    raise AssertionError


urlpatterns = [
    path("", nowhere, name="home"),
    path("{0}/<uuid:one>/{x}/<uuid:other>/", nowhere, name="two"),
    path("<str:word>/", nowhere, name="word"),
    path("s/<slug:word>/<int:number>/", nowhere, name="numbered"),
    path("in/<str:word>/", include(([path("<uuid:one>/", nowhere, name="inner")], "below"))),
    path("either/", nowhere, name="either"),
    path("either/<uuid:one>/", nowhere, name="either"),
]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("home", {}),
        ("two", {"other": UUID(int=1), "one": UUID(int=2)}),
        ("word", {"word": "8R4X-HGYE-1CFZ"}),
        ("word", {"word": "other-0"}),
        ("word", {"word": "fünf {0} %s & <b>"}),
        ("word", {"word": 7}),
        ("word", {"word": UUID(int=3)}),
        ("numbered", {"word": "a-b", "number": 3}),
        ("below:inner", {"word": "x", "one": UUID(int=4)}),
        ("either", {}),
        ("either", {"one": UUID(int=5)}),
    ],
)
def test_an_address_is_the_one_that_django_gives_each_time(name: str, arguments: dict[str, Any]) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        for _ in range(2):
            assert address(name, **arguments) == reverse(name, kwargs=arguments or None)
        fresh = {key: uuid4() if isinstance(value, UUID) else value for key, value in arguments.items()}
        assert address(name, **fresh) == reverse(name, kwargs=fresh or None)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("two", {"one": "no id", "other": UUID(int=1)}),
        ("numbered", {"word": "a", "number": "b"}),
        ("word", {"word": "a/b"}),
        ("word", {"other": "a"}),
        ("nothing", {"word": "a"}),
    ],
)
def test_what_no_route_takes_is_refused(name: str, arguments: dict[str, Any]) -> None:
    with override_settings(ROOT_URLCONF=__name__), pytest.raises(NoReverseMatch):
        address(name, **arguments)
