"""Fairness reports: figures by group, and flips that the law must explain."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client
from tests.factories.people import AT, make_officer
from tests.kernel.cases.conftest import food_answers, town  # noqa: F401 - the fixture

from commonweal.engines import dmn
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_files
from commonweal.kernel.catalogue.errors import ServiceNotFound
from commonweal.kernel.catalogue.queries import compile_service, live_version
from commonweal.kernel.decisions import cli_fairness, tasks
from commonweal.kernel.decisions.actions import report_fairness
from commonweal.kernel.decisions.errors import NotDecidable
from commonweal.kernel.decisions.fairness.figures import Flips, Sums, is_flagged, public_figures
from commonweal.kernel.decisions.fairness.flipping import Verdict, changes, rules_of, variants
from commonweal.kernel.decisions.models import FairnessReport
from commonweal.kernel.decisions.queries import fairness_of, services_with_fairness
from commonweal.kernel.jobs.worker import Worker
from commonweal.kernel.ledger.queries import events_of

SYSTEM = Actor.system("tests")
HEAD = """<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<itemDefinition name="Person"><itemComponent name="sex"><typeRef>string</typeRef></itemComponent>
<itemComponent name="income"><typeRef>number</typeRef></itemComponent></itemDefinition>
<inputData id="p" name="Person"><variable name="Person" typeRef="Person"/></inputData>
<knowledgeSource id="law" name="Code 1"/>"""


def model(*decisions: str) -> dmn.CompiledModel:
    return dmn.compile(dmn.read((HEAD + "".join(decisions) + "</definitions>").encode()))


def decision(name: str, text: str, *, needs: tuple[str, ...] = (), is_sourced: bool = False) -> str:
    source = (
        '<authorityRequirement><requiredAuthority href="#law"/></authorityRequirement>' if is_sourced else ""
    )
    required = "".join(
        f'<informationRequirement><requiredDecision href="#{need}"/></informationRequirement>'
        for need in needs
    )
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"/>{required}'
        '<informationRequirement><requiredInput href="#p"/></informationRequirement>'
        f"{source}<literalExpression><text>{text}</text></literalExpression></decision>"
    )


def flips_of(compiled: dmn.CompiledModel, *, path: str = "Person.sex", values: tuple = ("f", "m")) -> Flips:
    """What flipping one fact of one person does to the decision "Outcome"."""

    def decide(facts):
        result = compiled.decide("Outcome", facts, trace=True)
        made = {note.name: note.value for note in result.trace.decisions}
        return Verdict(str(result.value), "", made)

    flips = Flips()
    person = {"sex": "f", "income": Decimal(900)}
    for change in changes({"Person": person}, path, values, decide, rules_of(compiled)):
        flips.add(change)
    return flips


def test_a_model_that_does_not_look_at_the_fact_changes_nothing():
    flips = flips_of(model(decision("Outcome", 'if Person.income &lt; 1000 then "YES" else "NO"')))
    assert (flips.tried, flips.outcomes, dict(flips.kinds)) == (1, 0, {})


def test_a_rule_that_names_the_fact_and_cites_the_law_explains_the_change():
    flips = flips_of(
        model(
            decision("Bonus", 'if Person.sex = "f" then 1 else 0', is_sourced=True),
            decision("Outcome", 'if Bonus = 1 then "YES" else "NO"', needs=("Bonus",)),
        )
    )
    assert (flips.outcomes, dict(flips.kinds), list(flips.rules)) == (
        1,
        {"explained": 1},
        [("Bonus", ("Code 1",))],
    )


def test_an_unfair_rule_without_a_source_is_flagged_and_named():
    flips = flips_of(model(decision("Outcome", 'if Person.sex = "f" then "NO" else "YES"')))
    assert (dict(flips.kinds), list(flips.rules)) == ({"unsourced": 1}, [("Outcome", ())])
    sums = Sums(flips={"sex": flips})
    assert is_flagged(sums.as_json())


def test_an_unfair_model_that_hides_the_fact_is_flagged_as_unexplained():
    hidden = 'if get value(Person, "se" + "x") = "f" then "NO" else "YES"'
    flips = flips_of(model(decision("Outcome", hidden, is_sourced=True)))
    assert (dict(flips.kinds), list(flips.rules)) == ({"unexplained": 1}, [])
    assert is_flagged(Sums(flips={"sex": flips}).as_json())


def test_lists_are_flipped_one_member_at_a_time_and_truths_turned_round():
    facts = {"H": {"members": [{"old": True, "n": 1}, {"old": False, "n": 1}]}}
    assert list(variants(facts, "H.members.old", ())) == [
        {"H": {"members": [{"old": False, "n": 1}, {"old": False, "n": 1}]}},
        {"H": {"members": [{"old": True, "n": 1}, {"old": True, "n": 1}]}},
    ]
    assert [each["H"]["members"][1]["n"] for each in variants(facts, "H.members.n", (1, 2))] == [1, 2]
    assert list(variants(facts, "H.lost.n", (1, 2))) == []
    assert facts["H"]["members"][0] == {"old": True, "n": 1}


def test_small_groups_are_hidden_and_what_they_would_follow_from():
    sums = Sums()
    for number, key in ((40, "a"), (30, "b"), (3, "c")):
        for at in range(number):
            sums.add({"division": key}, grants=at % 2 == 0, amount_minor=100 * at)
    figures = json.loads(json.dumps(sums.as_json()))
    shown = {row["group"]: row["number"] for row in public_figures(figures)["groups"]["division"]}
    assert shown == {"a": 40, "b": None, "c": None}
    row = figures["groups"]["division"][0]
    assert (row["granted"], row["amounts"]) == (20, 20)
    assert row["rate_low"] < 0.5 < row["rate_high"]


@pytest.fixture
def decided(town):  # noqa: F811 - the fixture is meant
    """Twelve decided applications of one person each, and one that no outcome was found for."""
    for at in range(12):
        member = {"name": "Me", "age": 25 + 4 * at, "earned": 400 * at}
        town.send(food_answers(members=[member]), by=town.neighbour())
    return town


def test_a_report_is_kept_recorded_and_shown(decided):
    report = report_fairness("food-assistance", by=SYSTEM, at=AT)

    figures = report.figures
    assert (figures["decisions"], figures["not_repeated"], figures["flipped"]) == (12, 0, 12)
    assert [(row["group"], row["number"]) for row in figures["groups"]["household"]] == [("alone", 12)]
    assert sum(row["number"] for row in figures["groups"]["oldest"]) == 12
    assert figures["flips"]["age"]["tried"] > 24
    assert not report.is_flagged
    assert figures["flips"]["age"]["explained"] + figures["flips"]["disability"]["explained"] > 0
    assert [event.type for event in events_of("service:food-assistance")][-1] == "decisions.fairness_reported"

    page = Client().get("/algorithms/food-assistance/").content.decode()
    assert "Does it decide alike?" in page
    assert "hidden" in page
    assert fairness_of("food-assistance", Actor.guest()).is_exact is False


def test_officers_of_the_agency_with_the_grant_see_small_groups(decided):
    report_fairness("food-assistance", by=SYSTEM, at=AT)
    auditor, stranger = (
        make_officer(roles=("auditor",)),
        make_officer(roles=("auditor",), agency="transportation"),
    )
    for officer, sees in ((auditor, True), (stranger, False)):
        client = Client()
        client.force_login(officer.account)
        page = client.get("/algorithms/food-assistance/").content.decode()
        assert ("You see small groups too" in page) is sees


def test_a_page_without_a_report_says_so(town):  # noqa: F811 - the fixture is meant
    assert "There is no report yet" in Client().get("/algorithms/food-assistance/").content.decode()


def test_the_monthly_job_reports_each_service_once(decided):
    assert services_with_fairness() == ["food-assistance"]
    tasks.report_all({})
    tasks.report_all({})
    Worker().run_until_empty()
    assert FairnessReport.objects.count() == 1
    assert tasks.report({"service": "no-such"}) is None


def test_the_command_prints_what_everybody_may_see(decided, capsys):
    assert cli_fairness.main(["food-assistance"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "12 decisions, 0 without an outcome; 12 flipped, 0 of them come out otherwise today\n"
    )
    assert "hidden" in out
    assert "UNEXPLAINED" in out
    assert cli_fairness.main(["food-assistance", "--exact"]) == 0
    assert "granted" in capsys.readouterr().out
    assert cli_fairness.main(["food-assistance", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["decisions"] == 12
    assert cli_fairness.main(["no-such"]) == 2


def test_services_that_are_not_there_or_declare_nothing_have_no_report(decided):
    with pytest.raises(ServiceNotFound):
        report_fairness("no-such", by=SYSTEM, at=AT)
    files = dict(live_version("food-assistance").files)
    text = files["service.yaml"]
    start = text.index("  fairness:")
    files["service.yaml"] = text[:start] + text[text.index("\naward:", start) + 1 :]
    publish_files("food-assistance", files, by=SYSTEM, at=AT)
    with pytest.raises(NotDecidable):
        report_fairness("food-assistance", by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("path: Household.members.age,", "path: Household.members.agee,", "The decision has no fact"),
        ("values: [20, 40, 70]", "values: []", "say which values"),
        ("count(Household.members) = 1", "count(Household.members) = = 1", ""),
        ("{label: Age, path", "{lable: Age, path", "'lable' is not known here."),
    ],
)
def test_wrong_declarations_are_refused_with_their_line(tmp_path, before, after, says):
    import shutil

    copy = tmp_path / "city"
    shutil.copytree(root(), copy)
    path = copy / "services/food-assistance/service.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    _found, problems = compile_service(copy, "services/food-assistance")
    wrong = [problem for problem in problems if problem.is_error]
    assert wrong
    assert all(problem.file.endswith("service.yaml") and problem.line for problem in wrong)
    assert any(says in problem.message for problem in wrong)
