from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from commonweal.kernel.forms.answers.reading import Wrong, is_blank, parse_decimal, read
from commonweal.kernel.forms.answers.values import to_feel
from commonweal.kernel.forms.types.schema import AnyQuestion

_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyQuestion)
OPTIONS = [{"key": "x", "label": "X"}, {"key": "y", "label": "Y"}]


def question(kind: str, **details: Any) -> Any:
    extra: dict[str, Any] = {"options": OPTIONS} if kind in {"choice", "choices"} else {}
    if kind == "group":
        extra = {"item": "thing", "questions": [{"key": "a", "type": "text", "label": "A"}]}
    return _ADAPTER.validate_python({"key": "q", "type": kind, "label": "Q"} | extra | details)


KINDS = [
    "text", "long_text", "number", "money", "date", "boolean",
    "choice", "choices", "email", "phone", "address", "group",
]  # fmt: skip


def _wrong(kind: str, given_: Any, **details: Any) -> str:
    with pytest.raises(Wrong) as caught:
        read(question(kind, **details), given_)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("850", "850"),
        ("850.50", "850.50"),
        (" $1,250.50 ", "1250.50"),
        ("1.250,50 €", "1250.50"),
        ("USD 1 250", "1250"),
        ("1'250.5", "1250.5"),
        ("1,250", "1250"),
        ("1,250,000", "1250000"),
        ("1.250.000", "1250000"),
        ("12,5", "12.5"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("-3", "-3"),
        ("\u22123", "-3"),
        ("٨٥٠", "850"),
        ("\u0661\u066c\u0662\u0665\u0660\u066b\u0665", "1250.5"),
        ("\uff18\uff15\uff10", "850"),
        ("1.234", "1.234"),
    ],
)
def test_numbers_are_read_as_people_write_them(written: str, meant: str) -> None:
    assert parse_decimal(written) == Decimal(meant)


@pytest.mark.parametrize(
    "written",
    ["", "ten", "1,2,3", "12,34.5", "1.2.3", "--1", "1e5", "NaN", "Infinity", "0x1F", "1" * 16, "½"],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert parse_decimal(written) is None


@pytest.mark.parametrize(
    ("kind", "details", "given_", "stored"),
    [
        ("text", {}, "  Ada \t Quill ", "Ada Quill"),
        ("text", {"upper": True}, "abc", "ABC"),
        ("text", {}, "e\u0301", "é"),
        ("text", {}, "a\u202eb\ufeff", "ab"),
        ("text", {}, "\u0645\u06cc\u200c\u062ea\u200bb", "\u0645\u06cc\u200c\u062eab"),
        ("long_text", {}, "one\r\ntwo ", "one\ntwo"),
        ("number", {}, "4", "4"),
        ("number", {}, 4.0, "4"),
        ("number", {"decimals": 2}, "4.50", "4.5"),
        ("number", {}, "-0", "0"),
        ("money", {}, 850, "850.00"),
        ("money", {}, 0.1, "0.10"),
        ("money", {}, Decimal("-0"), "0.00"),
        ("date", {}, "2026-3-27", "2026-03-27"),
        ("date", {}, date(2026, 3, 27), "2026-03-27"),
        ("date", {}, {"day": "27", "month": 3, "year": "٢٠٢٦"}, "2026-03-27"),
        ("boolean", {}, "Yes", True),
        ("boolean", {}, False, False),
        ("choice", {}, "x", "x"),
        ("choices", {}, "y", ["y"]),
        ("choices", {}, ["y", "x", "y"], ["x", "y"]),
        ("email", {}, "Ada@Example.ORG", "Ada@example.org"),
        ("phone", {}, "+1 (555) 555-0100 ext. 7", "+1 (555) 555-0100 ext. 7"),
        ("phone", {}, 5550100, "5550100"),
        (
            "address",
            {},
            {"street": "1  Quay", "city": "Port Alder", "postal_code": "98101"},
            {"street": "1 Quay", "city": "Port Alder", "postal_code": "98101"},
        ),
    ],
)
def test_a_good_answer_is_stored_in_one_form(
    kind: str, details: dict[str, Any], given_: Any, stored: Any
) -> None:
    assert read(question(kind, **details), given_) == stored


@pytest.mark.parametrize(
    ("kind", "details", "given_", "message"),
    [
        ("text", {}, 3, "Enter this as text."),
        ("text", {}, "a\x00b", "There is a character in your answer that we cannot store. Type the answer again."),
        ("text", {}, "\ud800", "There is a character in your answer that we cannot store. Type the answer again."),
        ("text", {"max_length": 3}, "abcd", "Your answer is 1 character too long. Use 3 characters or fewer."),
        ("text", {"max_length": 3}, "abcde", "Your answer is 2 characters too long. Use 3 characters or fewer."),
        ("text", {}, "x" * 10_000_000, "What you entered is far too long. Shorten it."),
        ("text", {"pattern": "[A-Z]+"}, "abc", "This does not look right. Check what you typed."),
        ("text", {"pattern": "[A-Z]+", "pattern_message": "Capitals only."}, "abc", "Capitals only."),
        ("number", {}, "many", "Enter a number, such as 4."),
        ("number", {"short": "your age"}, "old", "Enter your age as a number, such as 4."),
        ("number", {}, True, "Enter a number, such as 4."),
        ("number", {}, float("nan"), "Enter a number, such as 4."),
        ("number", {}, [1], "Enter a number, such as 4."),
        ("number", {}, 10**20, "Enter a number, such as 4."),
        ("number", {}, "4.5", "Enter a whole number, without a decimal point."),
        ("number", {"decimals": 1}, "4.55", "Enter a number with at most 1 decimal places."),
        ("number", {"min": 1}, "0", "Enter 1 or more."),
        ("number", {"min": 1, "short": "the rooms"}, "0", "For the rooms, enter 1 or more."),
        ("money", {"max": 9, "short": "the rent"}, "10", "For the rent, enter 9 or less."),
        ("number", {"max": 9}, "10", "Enter 9 or less."),
        ("money", {"short": "your rent"}, "lots", "Enter your rent as a number, such as 850 or 850.50."),
        ("money", {}, "1.999", "Enter an amount with at most two decimal places, such as 850.50."),
        ("money", {}, "-1", "Enter 0 or more."),
        ("date", {}, "tomorrow", "Enter a date, such as 2026-03-27."),
        ("date", {}, {"day": "1", "month": "", "year": ""}, "The date must include a month and a year."),
        ("date", {}, {"day": "1", "month": "May", "year": "2026"}, "Enter day, month and year as numbers, each in its own box."),
        ("date", {}, {"day": "1", "month": "5", "year": "26"}, "Enter the year with four digits, such as 1987."),
        ("date", {}, "2026-02-30", "There is no such day. Check the day and the month."),
        ("date", {}, {"day": "1" * 50, "month": "5", "year": "2026"}, "Enter day, month and year as numbers, each in its own box."),
        ("date", {}, "1899-12-31", "Enter 1900-01-01 or a later date."),
        ("date", {"latest": "2026-01-01"}, "2026-01-02", "Enter 2026-01-01 or an earlier date."),
        ("boolean", {}, "perhaps", "Select yes or no."),
        ("boolean", {}, 1, "Select yes or no."),
        ("choice", {}, "z", "Select one of the answers in the list."),
        ("choice", {}, ["x"], "Select one of the answers in the list."),
        ("choices", {}, ["x", "z"], "Select answers from the list."),
        ("choices", {}, 3, "Select answers from the list."),
        ("choices", {}, [["x"]], "Select answers from the list."),
        ("email", {}, "ada", "Enter an e-mail address in the right form, such as name@example.com."),
        ("email", {}, "a" * 250 + "@example.org", "Enter an e-mail address in the right form, such as name@example.com."),
        ("phone", {}, "call me", "Enter a telephone number, such as 555-0100 or +1 555 555 0100."),
        ("phone", {}, "-----", "Enter a telephone number, such as 555-0100 or +1 555 555 0100."),
        ("address", {}, "1 Quay", "Enter an address with street, city and postal code."),
        ("address", {}, {"planet": "Mars"}, "Enter an address with street, city and postal code."),
        ("address", {}, {"street": "1 Quay"}, "The address must include a city and a postal code."),
        ("address", {}, {"street": "1 Quay", "city": "A", "postal_code": "?"}, "Enter a postal code, such as 98101."),
        ("address", {}, {"street": "x" * 101, "city": "A", "postal_code": "98101"}, "Your answer is 1 character too long. Use 100 characters or fewer."),
        ("group", {}, [], "Enter a list."),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused_in_plain_words(
    kind: str, details: dict[str, Any], given_: Any, message: str
) -> None:
    assert _wrong(kind, given_, **details) == message


@pytest.mark.usefixtures("collector_at_rest")
def test_a_slow_pattern_is_bounded() -> None:
    started = time.process_time()

    assert _wrong("text", "a" * 200 + "!", pattern="(a|a)*(a|a)*(a|a)*b") != ""

    assert time.process_time() - started < 2


@pytest.mark.usefixtures("collector_at_rest")
def test_a_huge_answer_is_refused_at_once() -> None:
    started = time.process_time()

    for kind in KINDS:
        with pytest.raises(Wrong):
            read(question(kind), "9" * 10_000_000)

    assert time.process_time() - started < 1


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=40)
    | st.sampled_from(
        ["x", "y", "yes", "2026-02-29", "1,000", "a@b.co", "555-0100", "\x00", "' OR 1=1", "<script>"]
    )
    | st.binary(max_size=5)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["day", "month", "year", "street", "city", "postal_code", "unit", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(kind=st.sampled_from(KINDS), given_=ANYTHING)
def test_whatever_comes_in_is_stored_or_refused_in_words(kind: str, given_: Any) -> None:
    asked = question(kind)
    answer, refusal = None, ""
    try:
        answer = read(asked, given_) if not is_blank(given_) else None
    except Wrong as wrong:
        refusal = str(wrong)

    assert not refusal or refusal.endswith(".")
    assert kind != "group" or answer is None
    to_feel(asked, answer)
    if answer not in (None, "", []):
        assert read(asked, answer) == answer


@settings(max_examples=200, deadline=None)
@given(value=st.decimals(min_value=0, max_value=10**7, places=2))
def test_an_amount_survives_every_way_of_writing_it(value: Decimal) -> None:
    ways = [
        str(value),
        f" {value}",
        f"${value:,.2f}",
        f"{value:,.2f}".translate({44: 46, 46: 44}),
        f"{value} USD",
    ]

    assert {read(question("money"), way) for way in ways} == {f"{value:.2f}"}


@pytest.mark.parametrize(
    ("innermost", "expected"), [("", True), ([], True), (None, True), (" x ", False), (0, False)]
)
def test_blank_is_found_however_deep_it_lies(innermost: Any, expected: bool) -> None:
    given_ = innermost
    for number in range(50_000):
        given_ = [given_] if number % 2 else {"inner": given_, "more": None}

    assert is_blank(given_) is expected
