"""What a draft changes is said in words that a policy officer reads."""

from __future__ import annotations

import pytest
from tests.kernel.authoring.conftest import small_service

from commonweal.kernel.authoring import saying
from commonweal.kernel.authoring.parts import figure_at, in_order, part_name
from commonweal.kernel.base.jurisdiction import root

FIGURES = """\
programme: dogs
name: Dogs
parameters:
  fee:
    label: Fee for a dog
    unit: USD/year
    entries:
      - {from: 2026-01-01, known_from: 2025-11-03, reference: PAMC 6, value: 20}
      - {from: 2027-01-01, known_from: 2026-11-03, reference: PAMC 6, value: 22}
  limit:
    label: Dogs in a household
    unit: dogs
    by: [{key: size, label: Number of people, up_to: 4}]
    entries:
      - {from: 2026-01-01, known_from: 2025-11-03, reference: PAMC 7, value: [1, 2, 2, 3]}
"""
HOME = root() / "law" / "dog-licence"
MODEL = "2026-01-01.dmn"
RULES = (HOME / MODEL).read_text()


def law(
    *changes: tuple[str, str], text: str = FIGURES, file: str = "parameters.yaml"
) -> list[tuple[str, list[str]]]:
    """What is said of a file after some of its words have changed; a part stands behind its sentence."""
    new = text
    for old, other in changes:
        assert old in new
        new = new.replace(old, other, 1)
    told = saying.told_of_law({file: text}, {file: new})
    return [(one.title, [words for said in one.says for words in (said.text, *said.parts)]) for one in told]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[1, 2, 2, 3]", "[1, 2, 2, 4]", ["From January 1, 2026:", "Number of people 4: rises from 3 to 4 dogs"]),
        ("[1, 2, 2, 3]}", "[1, 2, 2, 3], note: Small ones too}", ["From January 1, 2026: the note changes from “nothing” to “Small ones too”."]),
        (", up_to: 4", ", up_to: 4 ", []),
        (
            "2025-11-03, reference: PAMC 7",
            "2025-12-01, reference: PAMC 7",
            [
                "From January 1, 2026: the day since when it is known changes from “November 3, 2025” to “December 1, 2025”."
            ],
        ),
        ("label: Dogs in", "label: Hounds in", ["the name: changes from “Dogs in a household” to “Hounds in a household”."]),
        ("value: [1, 2, 2, 3]", "unknown: Nobody says", ["From January 1, 2026: not known. Nobody says"]),
    ],
)  # fmt: skip
def test_a_table_of_values_is_told_place_by_place(old: str, new: str, expected: list[str]) -> None:
    assert [words for _title, said in law((old, new)) for words in said] == expected


def test_values_come_and_go_and_are_told_with_what_was_before() -> None:
    line = "      - {from: 2027-01-01, known_from: 2026-11-03, reference: PAMC 6, value: 22}\n"
    later = line.replace("2027", "2028").replace("22}", "20.5}")
    assert law((line, line + later)) == [
        ("Fee for a dog", ["From January 1, 2028: falls from 22 to 20.5 USD a year."])
    ]
    assert law((line, "")) == [("Fee for a dog", ["From January 1, 2027: 22 is taken away."])]
    wrong = line.replace("2026-11-03", "2026-12-03").replace("22}", "23, corrects: A misprint}")
    assert law((line, line + wrong)) == [
        (
            "Fee for a dog",
            ["From January 1, 2027: rises from 22 to 23 USD a year.", "It corrects another: A misprint."],
        )
    ]
    same = line.replace("2027", "2028").replace("22}", "22, until: 2028-12-31}")
    assert law((line, line + same))[0][1] == ["From January 1, 2028: as before, 22."]
    longer = "value: [1, 2, 2, 3]}\n"
    again = (
        longer
        + "      - {from: 2027-01-01, known_from: 2026-11-03, reference: PAMC 7, value: [1, 2, 2, 3]}\n"
    )
    assert law((longer, again))[0][1] == ["From January 1, 2027: the same values as before."]


def test_figures_come_and_go() -> None:
    fee = FIGURES[FIGURES.index("  fee:") : FIGURES.index("  limit:")]
    assert law((fee, "")) == [("Fee for a dog", ["This figure is taken away."])]
    more = fee.replace("fee:", "late:").replace("Fee for a dog", "Late charge")
    assert law((fee, fee + more)) == [
        (
            "Late charge",
            [
                "This figure is new.",
                "From January 1, 2026: 20 USD a year.",
                "From January 1, 2027: rises from 20 to 22 USD a year.",
            ],
        )
    ]
    assert law(("name: Dogs\n", "name: Dogs and cats\n")) == [
        ("The law as a whole", ["the name: changes from “Dogs” to “Dogs and cats”."])
    ]
    assert law(("parameters:", "parameters: [")) == [("Figures", ["The text is different."])]


def test_rows_of_a_table_are_told_by_their_place() -> None:
    start, end = RULES.index("<rule"), RULES.index("</rule>") + len("</rule>")
    first = RULES[start:end]
    title, said = law((first, ""), text=RULES, file=MODEL)[0]
    assert title == "Low income"
    assert said[0].startswith("Row 1 is taken away: ")
    note = "The household receives Basic Food or SSI."
    assert law((note, "Basic Food is received."), text=RULES, file=MODEL) == [
        ("Low income", [f"Row 1, Why: changes from “{note}” to “Basic Food is received.”."])
    ]
    new = first.replace(note, "Something else.")
    said = law((first, first + new), text=RULES, file=MODEL)[0][1]
    assert len(said) == 1
    assert said[0].startswith("Row 2 is new: ")
    assert "Why Something else." in said[0]
    rows = [part + "</rule>" for part in TABLE.split("</rule>")[:2]]
    one, two = rows[0][rows[0].index("<rule>") :], rows[1][rows[1].index("<rule>") :]
    swapped = TABLE.replace(one, "@").replace(two, one).replace("@", two)
    (told,) = saying.told_of_law({MODEL: TABLE}, {MODEL: swapped})
    assert told.says == (saying.Said("Row 2 moves to place 1."),)
    (doubled,) = law((one, one + one), text=TABLE, file=MODEL)
    assert doubled[1] == ['Row 1 is new: Size "S"; Outcome 10; Why small']
    (halved,) = law((one, ""), text=TABLE.replace(one, one + one), file=MODEL)
    assert [words[:21] for words in halved[1]] == ["Row 1 is taken away: "]


def test_columns_hit_policies_and_expressions_are_told() -> None:
    one = (
        RULES.replace('hitPolicy="UNIQUE"', 'hitPolicy="FIRST"', 1)
        if 'hitPolicy="UNIQUE"' in RULES
        else RULES.replace("<decisionTable", '<decisionTable hitPolicy="FIRST"', 1)
    )
    (told,) = saying.told_of_law({MODEL: RULES}, {MODEL: one})
    assert [said.text for said in told.says] == ["How rules go together: changes from “UNIQUE” to “FIRST”."]
    assert saying.told_of_law({MODEL: RULES}, {MODEL: "<not xml"})[0].says == (
        saying.Said("The text is different."),
    )
    drawn = RULES.replace("</definitions>", "<!-- seen --></definitions>")
    assert saying.told_of_law({MODEL: RULES}, {MODEL: drawn})[0].says == (
        saying.Said("Something is different that decides nothing, such as a drawing or a comment."),
    )


TABLE = """\
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="D" namespace="urn:d">
  <itemDefinition name="Size"><typeRef>string</typeRef><allowedValues><text>"S", "L"</text></allowedValues></itemDefinition>
  <itemDefinition name="Dog"><itemComponent name="size"><typeRef>Size</typeRef></itemComponent></itemDefinition>
  <inputData id="dog" name="Dog"><variable name="Dog" typeRef="Dog"/></inputData>
  <decision id="fee" name="Fee" label="Fee of a year">
    <variable name="Fee"/>
    <informationRequirement><requiredInput href="#dog"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input id="i1" label="Size"><inputExpression typeRef="Size"><text>Dog.size</text></inputExpression></input>
      <output id="o1"/>
      <annotation name="Why"/>
      <rule><inputEntry><text>"S"</text></inputEntry><outputEntry><text>10</text></outputEntry><annotationEntry><text>small</text></annotationEntry></rule>
      <rule><inputEntry><text>"L"</text></inputEntry><outputEntry><text>20</text></outputEntry><annotationEntry><text>large</text></annotationEntry></rule>
    </decisionTable>
  </decision>
  <decision id="half" name="Half">
    <variable name="Half"/>
    <informationRequirement><requiredDecision href="#fee"/></informationRequirement>
    <literalExpression><text>Fee / 2</text></literalExpression>
  </decision>
</definitions>
"""
CASES = {
    "a cell": (("<text>10<", "<text>12<"), "Fee of a year", ["Row 1, Outcome: rises from 10 to 12."]),
    "a cell that is empty": (('<text>"S"<', "<text>-<"), "Fee of a year", ['Row 1, Size: “"S"” does not matter any more.']),
    "a heading": (('label="Size"', 'label="How large"'), "Fee of a year", ["The column “How large”: what it is called or looks at changes from “Size” to “How large”."]),
    "a column": (('<output id="o1"/>', '<output id="o2"/>'), "Fee of a year", ["The column “Outcome” is new.", "The column “Outcome” is taken away."]),
    "an expression": (("Fee / 2", "Fee / 3"), "Half", ["“Fee / 2” becomes “Fee / 3”."]),
    "an expression gone": (("<literalExpression><text>Fee / 2</text></literalExpression>", ""), "Half", ["It says no more: Fee / 2"]),
    "allowed values": (('"S", "L"<', '"S", "M", "L"<'), "Kind of value “Size”", ['Allowed values: changes from “"S", "L"” to “"S", "M", "L"”.']),
    "a type": (("<typeRef>string<", "<typeRef>number<"), "Kind of value “Size”", ["Its type changes from “string” to “number”."]),
    "a part": (('<itemComponent name="size"><typeRef>Size<', '<itemComponent name="size"><typeRef>string<'), "Kind of value “Dog”", ["“size” is declared otherwise."]),
    "a part renamed": (('<itemComponent name="size"', '<itemComponent name="height"'), "Kind of value “Dog”", ["“height” is new.", "“size” is taken away."]),
    "a name": (('label="Fee of a year"', 'label="Fee"'), "Fee", ["the name: changes from “Fee of a year” to “Fee”."]),
    "a need": (('<informationRequirement><requiredDecision href="#fee"/></informationRequirement>', ""), "Half", ["It rests on “Fee” no more."]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_change_of_a_model_has_its_words(case: str) -> None:
    change, title, expected = CASES[case]
    assert law(change, text=TABLE, file=MODEL) == [(title, expected)]


def test_what_was_taken_away_comes_back_in_words() -> None:
    expression = "<literalExpression><text>Fee / 2</text></literalExpression>"
    requirement = '<informationRequirement><requiredDecision href="#fee"/></informationRequirement>'
    assert law((expression, ""), text=TABLE, file=MODEL)
    bare = TABLE.replace(expression, "").replace(requirement, "")
    told = saying.told_of_law({MODEL: bare}, {MODEL: TABLE})
    assert [said.text for said in told[0].says] == ["It now rests on “Fee”.", "It says in addition: Fee / 2"]
    row = TABLE[TABLE.index("<rule>") : TABLE.index("</rule>") + len("</rule>")]
    empty = row.replace('"S"', "-").replace("10", "").replace("small", "")
    assert law((row, row + empty), text=TABLE, file=MODEL)[0][1] == ["Row 2 is new: still empty"]
    assert law((empty, row), text=TABLE.replace(row, empty), file=MODEL)[0][1] == [
        "Row 1:",
        'Size: now “"S"”',
        "Outcome: now “10”",
        "Why: now “small”",
    ]
    lone = TABLE.replace(TABLE[TABLE.index('  <decision id="half"') : TABLE.index("</definitions>")], "")
    assert [one.says[0].text for one in saying.told_of_law({MODEL: TABLE}, {MODEL: lone})] == [
        "This decision is taken away."
    ]
    assert [one.says[0].text for one in saying.told_of_law({MODEL: lone}, {MODEL: TABLE})] == [
        "This decision is new."
    ]
    kinds = lone.replace(lone[lone.index('  <itemDefinition name="Dog"') : lone.index("  <inputData")], "")
    assert [one.says[0].text for one in saying.told_of_law({MODEL: kinds}, {MODEL: lone})] == [
        "This kind of value is new."
    ]
    assert [one.says[0].text for one in saying.told_of_law({MODEL: lone}, {MODEL: kinds})] == [
        "This kind of value is taken away."
    ]


def test_rules_from_another_day_are_compared_with_those_before() -> None:
    later = {MODEL: TABLE, "2027-01-01.dmn": TABLE.replace("<text>20<", "<text>25<")}
    told = saying.told_of_law({MODEL: TABLE}, later)
    assert [(one.title, one.says[0].text) for one in told] == [
        ("Rules from January 1, 2027", "These rules are new. Compared with those of before:"),
        ("Fee of a year", "Row 2, Outcome: rises from 20 to 25."),
    ]
    assert saying.told_of_law({}, {MODEL: TABLE})[0].says[0].text == "These rules are new."
    assert [one.says[0].text for one in saying.told_of_law(later, {MODEL: TABLE})] == ["This is taken away."]


def test_a_service_is_told_by_the_names_of_its_questions() -> None:
    before = small_service()
    form = before["form.yaml"].replace("label: E-mail address", "label: Your e-mail")
    more = "      - {key: age, type: number, label: How old are you?, short: your age}\n"
    after = {**before, "form.yaml": form + more, "letters/more.md": "---\nsubject: More\n---\nHello.\n"}
    del after["letters/answer.md"]
    told = [(one.title, [said.text for said in one.says]) for one in saying.told_of_service(before, after)]
    assert told == [
        (
            "Questions",
            [
                "“How we reach you” › “Your e-mail” › the name: changes from “E-mail address” to “Your e-mail”.",  # noqa: RUF001 - as the page divides places
                "“How we reach you” › “How old are you?”: is new: “How old are you?”.",  # noqa: RUF001 - as the page divides places
            ],
        ),
        ("Letter: Library card", ["This is taken away."]),
        ("Letter: More", ["This is new."]),
    ]
    moved = {"cases.yaml": "cases: [{id: a}, {id: b}]\n"}, {"cases.yaml": "cases: [{id: b}, {id: a}]\n"}
    assert saying.told_of_service(*moved)[0].says[0].text.startswith("cases: has another order")
    assert (
        saying.told_of_service({"x.md": "a\n"}, {"x.md": "b\n"})[0].says[0].text == "Changes from “a” to “b”."
    )
    assert (
        saying.told_of_service({"x.yaml": "a: 1 # b\n"}, {"x.yaml": "a: 1\n"})[0]
        .says[0]
        .text.startswith("Something")
    )


def test_the_lines_stand_behind_and_are_cut_where_there_are_many() -> None:
    (short,) = saying.lines_of({"a.md": "1\n2\n"}, {"a.md": "1\n3\n"})
    assert short.lines[1:] == (" 1", "-2", "+3")
    (long,) = saying.lines_of({}, {"a.md": "x\n" * 500})
    assert (len(long.lines), long.is_cut) == (400, True)


def test_files_have_names() -> None:
    names = [
        "x.txt",
        "locale/es.po",
        "locale/xx.po",
        "cases.yaml",
        "2026-01-01@2026-05-01.dmn",
        "service.yaml",
    ]
    assert [part_name(name) for name in in_order(names)] == [
        "What the service is",
        "Rules from January 1, 2026, known since May 1, 2026",
        "Worked cases",
        "Translation: Español",
        "Translation: xx",
        "x.txt",
    ]
    assert part_name("letters/a.md", "no head") == "Letter: letters/a.md"
    assert part_name("9999-99-99.dmn") == "Rules from 9999-99-99"
    assert (figure_at(FIGURES, 8), figure_at(FIGURES, 1), figure_at("a: [", 1)) == ("fee", "", "")
