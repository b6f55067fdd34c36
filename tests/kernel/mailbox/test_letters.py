from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.kernel.mailbox.conftest import ARABIC, AWARD, CONTEXT, SPANISH, Compile

from commonweal.engines import feel
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.mailbox.errors import LetterFault
from commonweal.kernel.mailbox.letters import compile_letters
from commonweal.kernel.mailbox.types import CompiledLetter, Written, escaped, fill_in

FRONT = "---\nsubject: Hello\n---\n"
VALUES = {
    **CONTEXT,
    "recipient": {"name": "Ada", "address": ["1 Rd"]},
    "sent_on": feel.parse_date("2026-09-15"),
}


def letter(compilation: Compile, body: str) -> CompiledLetter:
    made = compilation(award=FRONT + body)
    (found,) = compile_letters(made).values()
    assert [problem for problem in made.problems if problem.is_error] == []
    return found


def written(compilation: Compile, body: str, **values: object) -> str:
    return fill_in(letter(compilation, body), "en", {**VALUES, **values}, currency="USD").body


def problems(compilation: Compile, text: str) -> list[Problem]:
    made = compilation(award=text)
    compile_letters(made)
    return [problem for problem in made.problems if problem.is_error]


def test_letter_is_written_in_each_language(compilation: Compile) -> None:
    made = compilation(award=AWARD, award__es=SPANISH, award__ar=ARABIC)
    award = compile_letters(made)["award"]
    assert made.problems == []

    assert fill_in(award, "en-US", VALUES, currency="USD") == Written(
        "en",
        "You get a card (7K3M-2QX9-CD41)",
        "Your card is ready, Ada.",
        "Dear Ada,\n\nyou pay **\\$12\\.50** by September 15\\, 2026.\n\n## Who may use it\n\n"
        "- Ada\n- \\*Bob\\* \\<b\\>\n",
    )
    spanish = fill_in(award, "es", VALUES, currency="USD")
    assert spanish.subject == "Usted recibe una tarjeta (7K3M-2QX9-CD41)"
    assert spanish.body == "Estimada Ada: 12\\,50\u00a0US\\$, 15 de septiembre de 2026.\n"
    arabic = fill_in(award, "ar", VALUES, currency="USD").body
    assert arabic.startswith("مرحبا \u2068Ada\u2069\n")
    assert "| \u2068\u206612\\.50\u00a0US\\$\u2069\u2069 |" in arabic
    assert fill_in(award, "fr", VALUES, currency="USD").language == "en"


@pytest.mark.parametrize(("fee", "age", "expected"), [(1, 5, "A"), (0, 5, "B"), (0, 50, "C")])
def test_choice_writes_the_first_block_that_holds(
    compilation: Compile, fee: int, age: int, expected: str
) -> None:
    body = "{% if applicant.fee > 0 %}A{% elif applicant.age < 18 %}B{% else %}C{% endif %}"

    assert written(compilation, body, applicant={"fee": fee, "age": age}) == expected


def test_choice_without_else_may_write_nothing(compilation: Compile) -> None:
    assert written(compilation, "a{% if false %}b{% endif %}c") == "ac"


def test_loop_knows_items_and_single_values(compilation: Compile) -> None:
    body = "{% for each in applicant.list %}{{ each.n }}-{% endfor %}"

    assert written(compilation, body, applicant={"list": [{"n": 1}, {"n": 2}]}) == "1\\-2\\-".replace(
        "\\-", "-"
    )
    assert written(compilation, body, applicant={"list": {"n": 3}}) == "3-"
    assert written(compilation, body, applicant={"list": []}) == ""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1234.5", "1,234.5"),
        ("1234.5 | money", "$1,234.50"),
        ("1234.50 | text", "1234.5"),
        ("1234567 | number", "1,234,567"),
        ('date("2026-02-01")', "February 1, 2026"),
        ('"2026-02-01" | date', "February 1, 2026"),
        ('"soon" | date', "soon"),
        ('date and time("2026-02-01T08:30:00Z")', "Feb 1, 2026, 12:30:00\u202fAM"),
        ('date and time("2026-02-01T08:30:00")', "Feb 1, 2026, 8:30:00\u202fAM"),
        ('date and time("2026-02-01T08:30:00Z") | date', "February 1, 2026"),
        ("true", "yes"),
        ("false", "no"),
        ('["a", "b", "c"]', "a, b, and c"),
        ("[1, 2] | money", "$1.00 and $2.00"),
        ('{minor: 1250, currency: "EUR"}', "€12.50"),
        ('duration("P3D")', "P3D"),
    ],
)
def test_values_are_written_as_people_read_them(compilation: Compile, expression: str, expected: str) -> None:
    found = written(compilation, "{{ " + expression + " }}")

    shown = MarkdownIt().render(found).removeprefix("<p>").removesuffix("</p>\n")
    assert shown == expected


@pytest.mark.parametrize(
    "body",
    [
        "{{ applicant.nothing }}",
        "{{ 1 / 0 }}",
        '{{ number("x", ",", ".") }}',
        "{% if applicant.nothing %}a{% endif %}",
        "{% if applicant.fee %}a{% endif %}",
        "{% for x in applicant.nothing %}a{% endfor %}",
    ],
)
def test_place_without_a_value_is_a_fault(compilation: Compile, body: str) -> None:
    with pytest.raises(LetterFault) as raised:
        written(compilation, body)

    assert raised.value.data["letter"] == "award"
    assert raised.value.data["expression"] in body


def test_unknown_value_is_a_fault(compilation: Compile) -> None:
    with pytest.raises(LetterFault, match="it is not known"):
        written(compilation, "{{ applicant }}", applicant=feel.UNKNOWN)


@pytest.mark.parametrize(
    ("body", "line", "column", "code"),
    [
        ("Hello {{ nobody }}", 4, 10, "feel.unknown-name"),
        ("a\nb {{ case.refrence }}", 5, 6, "feel.unknown-entry"),
        ("{{ 1 + }}", 4, 7, "feel.syntax"),
        ("{{ 1 | euro }}", 4, 3, "letter.format"),
        ("{% if nobody %}a{% endif %}", 4, 7, "feel.unknown-name"),
        ("{% if 1 %}a{% endif %}", 4, 3, "letter.condition"),
        ("{% if true %}a", 4, 3, "letter.open"),
        ("{% for x in [1] %}a", 4, 3, "letter.open"),
        ("{% for x [1] %}a{% endfor %}", 4, 3, "letter.tag"),
        ("{% while true %}", 4, 3, "letter.tag"),
        ("{% %}", 4, 3, "letter.tag"),
        ("{% endif %}", 4, 3, "letter.tag"),
        ("a {{ b", 4, 3, "letter.open"),
        ("a {% if", 4, 3, "letter.open"),
        ("{% for x in [1] %}{{ x }}{% endfor %}{{ x }}", 4, 41, "feel.unknown-name"),
    ],
)
def test_mistake_is_found_at_its_place(
    compilation: Compile, body: str, line: int, column: int, code: str
) -> None:
    (problem,) = problems(compilation, FRONT + body)

    assert (problem.file, problem.line, problem.column, problem.code) == (
        "services/library-card/letters/award.md",
        line,
        column,
        code,
    )


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("Hello", 1, "letter.front"),
        ("---\nsummary: x\n---\n", 1, "letter.front"),
        ("---\n[]\n---\n", 1, "letter.front"),
        ("---\nsubject: a\nsender: b\n---\n", 3, "letter.front"),
        ("---\nsubject: 'a\n---\n", 3, "document.yaml"),
        ("---\nsummary: a\nsubject: Hi {{ nobody }}\n---\n", 3, "feel.unknown-name"),
    ],
)
def test_mistake_in_the_front_matter_is_found(compilation: Compile, text: str, line: int, code: str) -> None:
    (problem,) = problems(compilation, text)

    assert (problem.line, problem.code) == (line, code)


def test_translations_that_are_missing_are_warned_of(compilation: Compile) -> None:
    made = compilation(award=AWARD, award__es=SPANISH)
    compile_letters(made)

    assert [(problem.code, problem.is_error) for problem in made.problems] == [("letter.translation", False)]


def test_file_that_is_no_letter_and_translation_without_original_are_refused(compilation: Compile) -> None:
    made = compilation(award__es=SPANISH, award__fr=SPANISH)
    assert compile_letters(made) == {}

    assert [problem.code for problem in made.problems] == ["letter.main", "letter.file"][::-1]


def test_translation_of_a_broken_original_is_not_blamed(compilation: Compile) -> None:
    made = compilation(award="Hello", award__es=SPANISH)
    assert compile_letters(made) == {}

    assert [problem.code for problem in made.problems] == ["letter.front"]


@given(st.text(max_size=60))
def test_value_never_becomes_markup(text: str) -> None:
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(f"Dear {escaped(text)},")

    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children or []} <= {"text", "text_special"}
    assert tokens[1].content.startswith("Dear")
