"""A field that holds nothing of anybody is drawn once, and looks as if it were drawn each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.template import engines
from django.utils import translation

from commonweal.kernel.base import templates
from commonweal.kernel.forms.types.views import ChoiceView, Provenance, QuestionView

BLANK = QuestionView("rent", "rent", "money", "What is the <rent>?", purpose="We add it up.", prefix="$")
CHOICES = (ChoiceView("yes", "Yes", "", is_chosen=True), ChoiceView("no", "No", "", is_chosen=False))
PLATES = tuple(ChoiceView(plate, plate, "", is_chosen=False) for plate in ("ABC1234", "ABC1235"))
ALIKE = [
    BLANK,
    replace(BLANK, is_required=False),
    replace(BLANK, type="number", suffix="rooms", input_mode="numeric"),
    replace(BLANK, type="date", value={"day": "", "month": "", "year": ""}),
    replace(BLANK, type="address", value={"street": "", "unit": "", "city": "", "postal_code": ""}),
    replace(BLANK, type="long_text", max_length=200),
    replace(BLANK, type="email", autocomplete="email"),
    replace(BLANK, type="boolean", value=True, choices=CHOICES),
    replace(BLANK, type="choice", value="yes", choices=CHOICES, is_drop_down=True),
    replace(BLANK, type="choices", value=["yes"], choices=CHOICES),
    replace(BLANK, type="choice", value="", choices=CHOICES),
]
KNOWN = Provenance("the tax office", datetime(2026, 9, 1, tzinfo=UTC))
OWN = [
    replace(BLANK, value="700"),
    replace(BLANK, error="Enter an amount."),
    replace(BLANK, prefilled=KNOWN),
    replace(BLANK, type="date", value={"day": "1", "month": "", "year": ""}),
    replace(BLANK, type="file", max_files=1, max_size="5 MB"),
    replace(BLANK, type="boolean", choices=CHOICES, error="Choose one."),
    replace(BLANK, type="text", choices=PLATES),
    replace(BLANK, type="text", value="ABC1234", choices=PLATES),
    replace(BLANK, type="boolean", value="Ada Lee", choices=CHOICES),
    replace(BLANK, type="choice", value="Ada Lee", choices=CHOICES),
    replace(BLANK, type="choices", value=["yes", "Ada Lee"], choices=CHOICES),
    replace(BLANK, type="choices", value={"yes": "Ada Lee"}, choices=CHOICES),
]


@pytest.fixture
def fields():
    return engines["jinja2"].env.get_template("forms/fields.html").module


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("question", ALIKE)
def test_a_kept_field_is_what_would_be_drawn(fields, question: QuestionView, language: str) -> None:
    with translation.override(language):
        assert question.is_alike_for_all
        assert fields.field(question) == fields.drawn_field(question)
        assert fields.field(replace(question)) == fields.drawn_field(question)


@pytest.mark.parametrize("question", OWN)
def test_what_somebody_said_or_is_known_of_is_never_kept(fields, question: QuestionView) -> None:
    before = templates._drawn_once.cache_info().currsize

    assert not question.is_alike_for_all
    assert fields.field(question, "/files/") == fields.drawn_field(question, "/files/")
    assert templates._drawn_once.cache_info().currsize == before


def test_fields_that_differ_are_drawn_apart(fields) -> None:
    drawn = {fields.field(question) for question in ALIKE}

    assert len(drawn) == len(ALIKE)
