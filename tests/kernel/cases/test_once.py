"""What is compared where a service takes one open application about the same: not how somebody happened to write it."""

from __future__ import annotations

import pytest

from commonweal.kernel.cases.once import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Núñez", "Jose Nunez"),
        ("José Núñez", "José-Núñez."),
        ("José Núñez", "  JOSE\N{COMBINING ACUTE ACCENT}\tNU\N{COMBINING TILDE}ÑEZ"),
        ("Ada O'Neill", "ada O\N{RIGHT SINGLE QUOTATION MARK}NEILL"),
        ("Straße 1", "STRASSE 1"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}lk", "ilk"),
        ("\uff21\uff24\uff21", "ada"),
        ("so\N{SOFT HYPHEN}phie", "Sophie"),
        ("\u0645\u064f\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"),
    ],
)
def test_the_same_written_in_another_way_is_alike(one: str, other: str) -> None:
    assert alike(one) == alike(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lee", "Adal Ee"),
        ("Ada 2022-03-14", "Ada 2022-03-15"),
        ("Ana", "Anna"),
        ("\u0915\u0940", "\u0915\u093e"),
    ],
)
def test_another_name_or_day_is_another(one: str, other: str) -> None:
    assert alike(one) != alike(other)


def test_punctuation_alone_names_nothing() -> None:
    assert alike(" - . ") == ""
