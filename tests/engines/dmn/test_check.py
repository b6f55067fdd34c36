from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engines.dmn.numeric_tables import WORDS, Drawn, drawn_tables, naive_outcome

from commonweal.engines import dmn
from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.check import MAX_REPORTED
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.dmn.spreadsheets import from_csv

GRID = {
    "number": [*[i / 2 for i in range(-3, 18)], 0.25, 5.75],
    "string": [*WORDS, "other"],
    "boolean": [True, False],
}


def grid(drawn: Drawn) -> Iterator[dict[str, object]]:
    for values in itertools.product(*(GRID[kind] for kind in drawn.kinds)):
        yield dict(zip(drawn.names, values, strict=True))


def found(problems: list[Problem], kind: str) -> list[Problem]:
    return [problem for problem in problems if problem.kind == kind]


@settings(max_examples=150, deadline=None)
@given(drawn_tables([("UNIQUE", None)]))
def test_every_gap_and_overlap_reported_is_real_and_none_is_missed(drawn: Drawn) -> None:
    problems = dmn.check(drawn.compiled())

    gaps, overlaps = found(problems, "gap"), found(problems, "overlap")
    is_cut_short = "there are more than" in overlaps[-1].message if overlaps else False
    for gap in gaps if len(gaps) <= MAX_REPORTED else gaps[:-1]:  # the last says only that there are more
        assert drawn.hits(dict(gap.example)) == []
    for overlap in overlaps[:-1] if is_cut_short else overlaps:
        hits = drawn.hits(dict(overlap.example))
        assert {rule - 1 for rule in overlap.rules} <= set(hits)
    pairs = {overlap.rules for overlap in overlaps}
    for values in grid(drawn):
        hits = drawn.hits(values)
        if not hits:
            assert gaps
        for first, second in itertools.combinations(hits, 2):
            assert is_cut_short or (first + 1, second + 1) in pairs
    for never in found(problems, "unreachable"):
        assert not any(never.rules[0] - 1 in drawn.hits(values) for values in grid(drawn))


@settings(max_examples=100, deadline=None)
@given(drawn_tables([("FIRST", None), ("PRIORITY", None)]))
def test_a_shadowed_rule_never_has_a_say(drawn: Drawn) -> None:
    problems = found(dmn.check(drawn.compiled()), "shadowed")

    for problem in problems:
        rule = problem.rules[0] - 1
        assert rule in drawn.hits(dict(problem.example))
        for values in grid(drawn):
            hits = drawn.hits(values)
            if rule in hits:
                without = [drawn.outputs[hit] for hit in hits if hit != rule]
                assert without
                assert drawn.naive(values) == naive_without(drawn, without)


def test_a_rule_for_a_missing_value_is_not_called_unreachable() -> None:
    kinds = []
    for cell in ("null", "[2..1]"):
        table = from_csv(f"U,input,output\nname,x,o\ntype,number,number\n1,{cell},1\n2,-,2\n")
        kinds.append([problem.kind for problem in dmn.check(dmn.model_of(table, "t"))])

    assert kinds == [[], ["unreachable"]]


def naive_without(drawn: Drawn, outcomes: list[int]) -> object:
    return naive_outcome(drawn.table, outcomes)


def model(text: str) -> dmn.Model:
    return dmn.model_of(dmn.from_markdown(text), "outcome")


def test_a_gap_between_dates_is_the_day_that_nobody_thought_of() -> None:
    problems = dmn.check(
        model("""
| U | input | output |
|---|---|---|
| name | day | fee |
| type | date | number |
| 1 | < date("2026-03-01") | 1 |
| 2 | > @"2026-03-01" | 2 |
""")
    )

    assert [(p.kind, dict(p.example)) for p in problems] == [("gap", {"day": "2026-03-01"})]


def test_neighbouring_days_leave_no_gap() -> None:
    text = "| U | input | output |\n|-|-|-|\n| name | day | fee |\n| type | date | number |\n"
    rules = '| 1 | <= date("2026-03-01") | 1 |\n| 2 | >= date("2026-03-02") | 2 |\n'

    assert dmn.check(model(text + rules)) == []


def test_a_rule_that_cannot_be_seen_through_is_named_and_makes_no_false_alarm() -> None:
    problems = dmn.check(
        model("""
| U | input | input | output |
|---|---|---|---|
| name | age | limit | fee |
| type | number | number | number |
| 1 | > limit | - | 1 |
| 2 | 3 | - | 2 |
| 3 | starts | - | 2 |
""")
    )

    kinds = [problem.kind for problem in problems if problem.kind != "unknown-name"]
    assert kinds == ["not-checked", "not-checked"]
    assert "'> limit': it depends on 'limit'" in problems[-2].message


@pytest.mark.parametrize(
    ("kind", "cells", "message"),
    [
        ("string", ['< "m"', '"x"'], "it orders texts"),
        ("number", ["? * 2 > 3", "1"], "computes|something computed"),
        ("time", ['time("10:00:00Z")', "-"], "time zones"),
        ("", ["1", '"a"'], "different kinds"),
    ],
)
def test_what_cannot_be_checked_is_said(kind: str, cells: list[str], message: str) -> None:
    rules = "".join(f"| {i} | {cell} | {i} |\n" for i, cell in enumerate(cells))
    text = f"| U | input | output |\n|-|-|-|\n| name | v | fee |\n| type | {kind} | number |\n{rules}"

    notes = found(dmn.check(model(text)), "not-checked")

    assert notes
    assert any(re.search(message, note.message) for note in notes)


def test_allowed_values_of_the_type_bound_the_check() -> None:
    definitions = dmn.model_of(
        dmn.from_markdown(
            '| U | input | output |\n|-|-|-|\n| name | kind | fee |\n| type | tKind | |\n| 1 | "a" | 1 |\n'
        ),
        "d",
    )
    allowed = m.ItemDefinition(name="tKind", type_ref="string", allowed_values=m.UnaryTests(text='"a", "b"'))
    problems = dmn.check(replace(definitions, item_definitions=(allowed,)))

    assert [(p.kind, dict(p.example)) for p in problems] == [("gap", {"kind": "b"})]


def test_an_intricate_table_is_given_up_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["commonweal.engines.dmn.check"], "MAX_STEPS", 1)
    text = "| U | input | input | output |\n|-|-|-|-|\n| name | a | b | fee |\n| type | number | number | number |\n| 1 | 1 | 2 | 1 |\n"

    assert [p.kind for p in dmn.check(model(text))] == ["not-checked"]


def test_unused_inputs_and_cycles_are_found() -> None:
    xml = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="x" namespace="urn:x">
      <inputData id="i" name="spare"/>
      <decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/></informationRequirement></decision>
      <decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement>
        <literalExpression><text>a + 1</text></literalExpression></decision>
      <decision id="c" name="c"><informationRequirement><requiredDecision href="#zzz"/></informationRequirement></decision>
    </definitions>"""
    compiled = dmn.compile(dmn.read(xml))

    assert sorted(p.kind for p in dmn.check(compiled)) == ["cycle", "unknown-reference", "unused-input"]
    result = compiled.decide("b", {})
    assert (result.value, [w.code for w in result.warnings]) == (None, ["cycle", "cycle"])


HEAD = "| {} | input | input | output |\n|-|-|-|-|\n| name | age | member | fee |\n| type | number | boolean | number |\n"


@pytest.mark.parametrize(
    ("policy", "rules", "expected"),
    [
        (
            "U",
            "| 1 | < 18 | - | 1 |\n| 2 | >= 18 | true | 2 |\n",
            [
                (
                    "gap",
                    True,
                    (),
                    "no rule hits when age is >= 18 and member is false; for example age = 18, member = false",
                )
            ],
        ),
        (
            "U",
            "| 1 | <= 18 | - | 1 |\n| 2 | >= 18 | - | 2 |\n",
            [
                (
                    "overlap",
                    True,
                    (1, 2),
                    "rules 1 and 2 both hit when age is 18; for example age = 18, member = true",
                )
            ],
        ),
        ("A", "| 1 | <= 18 | - | 1 |\n| 2 | - | - | 1 |\n", []),
        (
            "A",
            "| 1 | <= 18 | - | 1 |\n| 2 | >= 18 | - | 2 |\n",
            [
                (
                    "overlap",
                    True,
                    (1, 2),
                    "rules 1 and 2 both hit with different outputs when age is 18; for example age = 18, member = true",
                )
            ],
        ),
        (
            "F",
            "| 1 | - | - | 1 |\n| 2 | >= 18 | - | 2 |\n",
            [
                (
                    "shadowed",
                    True,
                    (2,),
                    "rule 2 never has a say: other rules win wherever it hits; for example age = 18, member = true",
                )
            ],
        ),
        (
            "U",
            "| 1 | - | - | 1 |\n| 2 | [2..1] | - | 2 |\n",
            [
                (
                    "unreachable",
                    True,
                    (2,),
                    "rule 2 can never hit: no value of age that is allowed passes its test",
                )
            ],
        ),
        (
            "C",  # nothing to collect is an answer: only a note
            "| 1 | < 18 | - | 1 |\n",
            [("gap", False, (), "no rule hits when age is >= 18; for example age = 18, member = true")],
        ),
    ],
)
def test_a_finding_says_which_rules_when_and_for_example(
    policy: str, rules: str, expected: list[object]
) -> None:
    problems = dmn.check(model(HEAD.format(policy) + rules))

    assert [(p.kind, p.is_error, p.rules, p.message) for p in problems] == expected
    assert {p.place for p in problems} <= {"outcome"}


def test_a_table_with_too_many_gaps_says_so_after_twenty() -> None:
    rules = "".join(f"| {n} | {n} | {'true' if n % 2 else 'false'} | {n} |\n" for n in range(1, 30))
    problems = found(dmn.check(model(HEAD.format("U") + rules)), "gap")

    assert len(problems) == MAX_REPORTED + 1
    assert (problems[-1].message, problems[-1].is_error) == ("there are more than 20 gaps", False)


def test_a_table_with_too_many_overlaps_says_so_after_twenty() -> None:
    rules = "".join(f"| {n} | - | - | {n} |\n" for n in range(1, 9))
    problems = found(dmn.check(model(HEAD.format("U") + rules)), "overlap")

    assert len(problems) == MAX_REPORTED + 1
    assert (problems[-1].message, problems[-1].is_error) == ("there are more than 20 overlaps", False)


@pytest.mark.parametrize(
    ("cell", "end"), [("< (1 + 2) * 3", 9), ("< 3 * (1 + 2)", 9), ("? < (2) * 3", 6), ("[0..(5)]", 5)]
)
def test_a_constant_in_parentheses_is_computed(cell: str, end: int) -> None:
    text = f"| U | input | output |\n|-|-|-|\n| name | v | fee |\n| type | number | number |\n| 1 | {cell} | 1 |\n"
    problems = dmn.check(model(text))

    assert [p.kind for p in problems] == ["gap"]
    assert str(end) in problems[0].message
