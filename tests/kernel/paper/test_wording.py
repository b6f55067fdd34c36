from __future__ import annotations

from decimal import Decimal

import pytest

from commonweal.engines import feel
from commonweal.kernel.forms.types.schema import (
    AnyQuestion,
    BooleanQuestion,
    ChoiceQuestion,
    DateQuestion,
    NumberQuestion,
)
from commonweal.kernel.paper.wording import Asked, Teller

OPTIONS = ({"key": "a", "label": "Apples"}, {"key": "b", "label": "Beans"}, {"key": "c", "label": "Cress"})
QUESTIONS: list[AnyQuestion] = [
    ChoiceQuestion.model_validate({"key": "kind", "type": "choice", "label": "Kind", "options": OPTIONS}),
    BooleanQuestion.model_validate({"key": "rents", "type": "boolean", "label": "Do you rent?"}),
    ChoiceQuestion.model_validate({"key": "many", "type": "choices", "label": "Many", "options": OPTIONS}),
    NumberQuestion.model_validate({"key": "rent", "type": "number", "label": "Rent"}),
    DateQuestion.model_validate({"key": "born_on", "type": "date", "label": "Born"}),
]
TELLER = Teller(
    {spec.key: Asked(str(at), spec) for at, spec in enumerate(QUESTIONS, start=1)},
    lambda text: text,
    "{:,}".format,
)
SCOPE = feel.Scope(
    {
        "kind": feel.STRING,
        "rents": feel.BOOLEAN,
        "many": feel.ListType(feel.STRING),
        "rent": feel.NUMBER,
        "born_on": feel.DATE,
    }
)
ALSO = "It also depends on what you wrote under these questions:"
UNSURE = "If you are not sure, answer it."


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("rents", "you answered “Yes” to question 2"),
        ("rents = true", "you answered “Yes” to question 2"),
        ("rents != false", "you answered “Yes” to question 2"),
        ("not(rents)", "you answered “No” to question 2"),
        ('kind = "a"', "you answered “Apples” to question 1"),
        ('kind = "a" or kind = "b"', "you answered “Apples” or “Beans” to question 1"),
        ('kind in ("a", "c")', "you answered “Apples” or “Cress” to question 1"),
        ('kind != "c"', "your answer to question 1 is not “Cress”"),
        ('many != null and list contains(many, "b")', "you chose “Beans” under question 3"),
        ("many = null or count(many) = 0", "you left question 3 blank"),
        ("rent > 3000", "what you wrote under question 4 is more than 3,000"),
        ("rent <= 5", "what you wrote under question 4 is 5 or less"),
        ('rents and kind = "a"', "you answered “Yes” to question 2 and you answered “Apples” to question 1"),
        ('kind in ("b")', "you answered “Beans” to question 1"),
        ("count(many) = 0", "you left question 3 blank"),
        (
            "(rents or many != null) and not(rents)",
            "you answered “Yes” to question 2 and you answered “No” to question 2",
        ),
        ('rents or kind = "a"', "you answered “Yes” to question 2 or you answered “Apples” to question 1"),
    ],
)
def test_a_condition_is_told_in_plain_words(condition: str, words: str) -> None:
    assert TELLER.only_if(feel.compile_expression(condition, SCOPE)) == f"Answer this only if {words}."


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            "born_on < today()",
            f"Whether you have to answer this depends on what you wrote under these questions: 5. {UNSURE}",
        ),
        (
            "rents and born_on < today()",
            f"Answer this only if you answered “Yes” to question 2. {ALSO} 5. {UNSURE}",
        ),
        (
            "not(rent > 5) or count(many) = 2",
            f"Whether you have to answer this depends on what you wrote under these questions: 4, 3. {UNSURE}",
        ),
        (
            'born_on < today() or kind = "z"',
            f"Whether you have to answer this depends on what you wrote under these questions: 5, 1. {UNSURE}",
        ),
    ],
)
def test_what_cannot_be_told_is_not_guessed(condition: str, words: str) -> None:
    assert TELLER.only_if(feel.compile_expression(condition, SCOPE)) == words


def test_what_is_always_asked_needs_no_words() -> None:
    assert TELLER.only_if(None) == ""
    assert TELLER.only_if(feel.compile_expression("rent != null", SCOPE)) == ""
    assert TELLER.only_if(None, feel.compile_expression("rents", SCOPE)) == (
        "Answer this only if you answered “Yes” to question 2."
    )
    assert TELLER.write_number(Decimal(3000)) == "3,000"
