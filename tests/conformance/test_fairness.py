"""Fairness figures over real decisions: the recidivism scores of Broward County, and German credit.

Neither decides anything here: they are data on which rates by group are known, or can be counted in another way.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from commonweal.engines import dmn
from commonweal.kernel.decisions.fairness.figures import Flips, Sums, is_flagged, public_figures
from commonweal.kernel.decisions.fairness.flipping import Verdict, changes, rules_of

FOLDER = Path(os.environ.get("COMMONWEAL_SUITES", "missing")) / "fairness"
pytestmark = [
    pytest.mark.suite,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no fairness data: set COMMONWEAL_SUITES"),
]
MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<itemDefinition name="Person"><itemComponent name="race"><typeRef>string</typeRef></itemComponent>
<itemComponent name="score"><typeRef>number</typeRef></itemComponent></itemDefinition>
<inputData id="p" name="Person"><variable name="Person" typeRef="Person"/></inputData>
<decision id="d" name="Outcome"><variable name="Outcome" typeRef="string"/>
<informationRequirement><requiredInput href="#p"/></informationRequirement>
<literalExpression><text>if {test} then "LOW" else "HIGH"</text></literalExpression></decision></definitions>"""
FAIR = "Person.score &lt; 5"
UNFAIR = 'Person.score &lt; (if Person.race = "African-American" then 4 else 5)'


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def report(test: str, people: list[dict[str, str]], *, flipped: int) -> Sums:
    compiled = dmn.compile(dmn.read(MODEL.format(test=test).encode()))
    rules = rules_of(compiled)

    def decide(facts):
        result = compiled.decide("Outcome", facts, trace=True)
        return Verdict(str(result.value), "", {note.name: note.value for note in result.trace.decisions})

    sums = Sums(flips={"race": Flips()})
    for at, person in enumerate(people):
        facts = {"Person": {"race": person["race"], "score": Decimal(person["decile_score"])}}
        sums.add({"race": person["race"]}, grants=decide(facts).outcome == "LOW", amount_minor=None)
        if at < flipped:
            for change in changes(facts, "Person.race", ("African-American", "Caucasian"), decide, rules):
                sums.flips["race"].add(change)
    return sums


def test_rates_by_group_are_those_of_the_published_analysis():
    people = rows("compas-scores-two-years.csv")
    figures = report(FAIR, people, flipped=200).as_json()

    number = Counter(person["race"] for person in people)
    low = Counter(person["race"] for person in people if int(person["decile_score"]) < 5)
    found = {row["group"]: row for row in figures["groups"]["race"]}
    assert {name: (row["number"], row["granted"]) for name, row in found.items()} == {
        name: (number[name], low[name]) for name in number
    }
    # ProPublica, How we analyzed the COMPAS recidivism algorithm (2016): the contingency tables by race.
    assert (found["African-American"]["number"], found["African-American"]["granted"]) == (3_696, 990 + 532)
    assert (found["Caucasian"]["number"], found["Caucasian"]["granted"]) == (2_454, 1_139 + 461)
    assert found["African-American"]["difference"][2] < 0 < found["Caucasian"]["difference"][1]
    assert figures["flips"]["race"]["outcomes"] == 0
    assert not is_flagged(figures)


def test_a_threshold_that_depends_on_the_group_is_flagged():
    people = rows("compas-scores-two-years.csv")[:1_000]
    figures = report(UNFAIR, people, flipped=300).as_json()
    fours = sum(person["decile_score"] == "4" for person in people[:300])
    assert figures["flips"]["race"]["outcomes"] >= fours > 0
    assert is_flagged(figures)


def test_small_groups_of_real_data_are_hidden():
    shown = public_figures(report(FAIR, rows("compas-scores-two-years.csv"), flipped=0).as_json())
    hidden = {row["group"] for row in shown["groups"]["race"] if row["number"] is None}
    assert "Native American" in hidden
    assert len(hidden) > 1


def test_intervals_and_means_of_german_credit_are_those_of_the_rows():
    people = rows("german_credit.csv")
    sums = Sums()
    for person in people:
        amount = int(person["LoanAmount"]) * 100
        sums.add({"sex": person["Sex"]}, grants=person["Risk"] == "No Risk", amount_minor=amount)
    found = {row["group"]: row for row in sums.as_json()["groups"]["sex"]}
    assert sum(row["number"] for row in found.values()) == len(people)
    for name, row in found.items():
        assert row["rate_low"] < row["granted"] / row["number"] < row["rate_high"]
        amounts = [int(p["LoanAmount"]) * 100 for p in people if (p["Sex"], p["Risk"]) == (name, "No Risk")]
        assert row["mean_minor"][0] == round(sum(amounts) / len(amounts))
        assert row["mean_minor"][1] < row["mean_minor"][0] < row["mean_minor"][2]
