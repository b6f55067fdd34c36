"""The token of a form: Django takes it for its own."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import (
    CSRF_ALLOWED_CHARS,
    CSRF_TOKEN_LENGTH,
    _check_token_format,
    _does_token_match,
    get_token,
)

from commonweal.kernel.base.csrf import Token, TokenField, token


def _request(secret: str = "") -> HttpRequest:
    request = HttpRequest()
    if secret:
        request.META["CSRF_COOKIE"] = secret
    return request


def test_django_accepts_every_token_of_a_secret() -> None:
    secret = "aZ09" * 8
    request = _request(secret)
    tokens = [token(request) for _ in range(300)]
    for each in tokens:
        _check_token_format(each)
        assert len(each) == CSRF_TOKEN_LENGTH
        assert _does_token_match(each, secret)
    assert len(set(tokens)) == len(tokens)
    assert set("".join(each[:32] for each in tokens)) == set(CSRF_ALLOWED_CHARS)


def test_a_token_of_another_secret_does_not_match() -> None:
    assert not _does_token_match(token(_request("a" * 32)), "b" * 32)


def test_a_page_with_a_form_sends_the_cookie_again() -> None:
    request = _request("a" * 32)
    token(request)
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"] is True


def test_the_first_form_begins_a_secret() -> None:
    request = _request()
    assert _does_token_match(token(request), request.META["CSRF_COOKIE"])
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"] is True


def test_the_field_is_made_where_it_is_shown() -> None:
    request = _request()
    field, alone = TokenField(request), Token(request)
    assert "CSRF_COOKIE" not in request.META
    before, value, after = field.__html__().split('"')[-3:]
    assert (before, after) == (" value=", ">")
    secret = request.META["CSRF_COOKIE"]
    assert _does_token_match(value, secret)
    assert _does_token_match(alone.__html__(), secret)
    assert _does_token_match(get_token(request), secret)
