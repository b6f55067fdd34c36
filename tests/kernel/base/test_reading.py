from __future__ import annotations

import pytest

from commonweal.kernel.base.reading import MOST_WORDS, spanish_syllables, too_hard

PLAIN = {
    "en": "You get money for food each month. We put it on a card. You can use the card in most shops. Tell us if you move.",
    "es": "Recibe dinero para comida cada mes. Lo ponemos en una tarjeta. Puede usarla en casi todas las tiendas. Avise si se muda.",
    "ar": "تحصل على مال للطعام كل شهر. نضعه على بطاقة. يمكنك استخدام البطاقة في معظم المتاجر. أخبرنا إذا انتقلت إلى بيت آخر.",
}
HARD = {
    "en": (
        "You get money for food each month. We put it on your card. Eligibility determinations necessitate documentary verification of "
        "anticipated household remuneration."
    ),
    "es": (
        "Recibe dinero. La determinación administrativa de elegibilidad requiere la verificación documental "
        "correspondiente de las remuneraciones previsiblemente percibidas por la unidad familiar solicitante."
    ),
    "ar": " ".join(["كلمة"] * 30) + ".",
}


@pytest.mark.parametrize("language", PLAIN)
def test_plain_words_pass(language: str) -> None:
    assert too_hard(PLAIN[language], language) is None


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "The Flesch-Kincaid grade is "),
        ("es", "Fernández Huerta's ease is "),
        ("ar", "The average sentence is 30.0; 25 words are the most."),
    ],
)
def test_hard_words_are_refused_with_the_sentence_to_mend(language: str, why: str) -> None:
    found = too_hard(HARD[language], language)

    assert found is not None
    assert found.why.startswith(why)
    assert found.sentence == HARD[language].rpartition(". ")[2]


def test_the_grade_is_that_of_the_formula() -> None:
    """Ten words in one sentence, three syllables each: 0.39 x 10 + 11.8 x 3 - 15.59 = 23.71."""
    found = too_hard("Department department. " * 10 + "Department " * 10, "en")

    assert found is not None
    assert found.why == f"The Flesch-Kincaid grade is {0.39 * 30 / 11 + 11.8 * 3 - 15.59:.1f}; 9 is the most."


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_long_sentence_is_too_hard_in_any_language(language: str) -> None:
    short, long = " ".join(["go"] * MOST_WORDS), " ".join(["go"] * (MOST_WORDS + 1))

    assert too_hard(short + ". Go.", language) is None
    assert too_hard(long + ". Go.", language) is not None


def test_markup_and_placeholders_do_not_count() -> None:
    text = "## You get it\n\n- {{ decision.amounts.amount | money }} a month\n{% if a > 3 %}\nCall [us](https://e.example/a-b-c)."

    assert too_hard(text, "en") is None
    assert too_hard("{{ a.b }}", "en") is None


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("aéreo", 4),
        ("vergüenza", 3),
        ("estudiáis", 3),
        ("rey", 1),
        ("yo", 1),
        ("quien", 1),
        ("oía", 3),
        ("psst", 1),
    ],
)
def test_spanish_syllables_follow_diphthong_and_hiatus(word: str, count: int) -> None:
    assert spanish_syllables(word) == count
