"""The checks of the journeys find what they look for."""

from __future__ import annotations

import pytest

FAULTY = "<!doctype html><html lang='en'><title>Faulty</title><main><h1>Faulty</h1><img src='/static/theme/logo.svg'>{}</main></html>"


def plant(visitor, body):
    visitor.page.route(
        "**/faulty", lambda route: route.fulfill(body=FAULTY.format(body), content_type="text/html")
    )


def test_a_picture_without_words_is_found(visitor):
    plant(visitor, "")
    with pytest.raises(AssertionError, match="image-alt"):
        visitor.visit("/faulty")


def test_a_page_that_is_too_wide_is_found(visitor):
    visitor.visit("/nothing-here", status=404)
    plant(visitor, "<pre>" + "wide" * 200 + "</pre>")
    visitor.page.goto(f"{visitor.address}/faulty")
    with pytest.raises(AssertionError, match="wider than 320"):
        visitor.narrows_to(320)


def test_a_script_in_the_page_is_found(open_browser):
    visitor = open_browser()
    visitor.page.route(
        "**/gallery",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace("</main>", "<script>1</script></main>"),
        ),
    )
    with pytest.raises(AssertionError, match="Content Security Policy"):
        visitor.visit("/gallery")


def test_a_heavy_page_is_found(open_browser):
    visitor = open_browser()
    plant(visitor, "word " * 25_000)
    with pytest.raises(AssertionError, match=r"/faulty weighs 12\d{4} bytes"):
        visitor.visit("/faulty")


def test_a_focus_that_cannot_be_seen_is_found(open_browser):
    visitor = open_browser()
    plant(visitor, "<style>a{outline:none!important}</style><a href='/'>Start</a>")
    visitor.page.goto(f"{visitor.address}/faulty")
    with pytest.raises(AssertionError, match="cannot be seen"):
        visitor.tab_to("Start")
