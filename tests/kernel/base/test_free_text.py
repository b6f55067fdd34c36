"""Free text: what nobody sees goes, what a script needs stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.base.free_text import readable


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ada\x00 Quill\x07 ", "Ada Quill"),
        ("\u202egnil\u202c", "gnil"),
        ("\u2066Ada\u2069 \u200eQuill\u061c", "Ada Quill"),
        ("A\u200bd\u2060a\u00ad \ufeffQ\u3164uill\u115f", "Ada Quill"),
        ("Ada\U000e0041\ufff9\u034f", "Ada"),
        ("A\ufe0fda", "Ada"),
        ("ann\u200da, \u200cann", "anna, ann"),
        ("e\u0301", "é"),
        ("one\n\ttwo\r\n", "one\n\ttwo"),
        ("شی\u200c\u200cء\u200c", "شی\u200cء"),
        ("a\u0651\u094d\u200ca", "a\u094d\u0651a"),
    ],
)
def test_what_nobody_sees_is_left_out(written: str, kept: str) -> None:
    assert readable(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "می\u200cشد",  # Persian: the non-joiner parts the prefix
        "مّ\u200cم",  # and stands after a vowel mark
        "ع\u200d",  # Arabic: the joined shape of a letter that stands alone
        "क्\u200cष",  # Hindi: no ligature
        "ක්\u200dෂ",  # Sinhala: a ligature
        "র\u200d্যাব",  # Bengali: the joiner stands before the virama
        "葛\U000e0100城",  # Japanese: a variant of a name's sign
        "👩🏽\u200d🚀 ❤\ufe0f\u200d🔥",
        "٤\u06dd، $5 — « »",
    ],
)
def test_what_writing_needs_stays(written: str) -> None:
    assert readable(written) == written


@given(st.text(st.sampled_from("a ب\u0651ي\u200c\u200d\u094dक\u202e\u200b\ufe0f👩\n\x07"), max_size=12))
def test_what_is_readable_stays_as_it_is(text: str) -> None:
    assert readable(readable(text)) == readable(text)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("a" + "\u0651\u094d" * 50_000, 31),
        ("a\u0651\u200d" + "\u093c\u094d\u200d" * 33_000 + "a", 32),
    ],
)
def test_heaps_of_marks_are_cut_and_take_no_longer_than_other_text(written: str, length: int) -> None:
    assert len(readable(written)) == length
