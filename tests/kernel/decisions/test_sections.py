"""What `check` says of a wrong section `decision`, of wrong law, and of wrong cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from commonweal.engines import dmn
from commonweal.engines.feel import (
    ANY,
    NUMBER,
    STRING,
    UNKNOWN,
    DaysDuration,
    YearsMonthsDuration,
    parse_date_time,
)
from commonweal.engines.feel.types import NOTHING, ContextType, ListType, Type
from commonweal.engines.parameters import load
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.queries import compile_service
from commonweal.kernel.decisions import plugins
from commonweal.kernel.decisions.errors import BrokenLaw
from commonweal.kernel.decisions.programmes import evaluating
from commonweal.kernel.decisions.programmes.cases import check_cases, is_same
from commonweal.kernel.decisions.programmes.evaluating import snapshot_of
from commonweal.kernel.decisions.programmes.explaining import revived
from commonweal.kernel.decisions.programmes.reading import (
    from_texts,
    law_differences,
    law_type,
    programme,
    read_programme,
)
from commonweal.kernel.decisions.programmes.wording import words
from commonweal.kernel.decisions.queries import evaluate, statement_of

Change = Callable[[str, str, str], None]

LAW = """\
programme: dogs
name: Dogs
parameters:
  fee:
    label: Fee for a dog
    unit: USD/year
    entries:
      - {from: 2026-01-01, until: 2026-12-31, known_from: 2025-11-01, reference: PAMC 6.04, value: 40}
      - {from: 2028-01-01, known_from: 2025-11-01, reference: PAMC 6.04, value: 45}
"""
MODEL = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="dogs" name="Dogs" namespace="urn:dogs">
  <itemDefinition name="Law">
    <itemComponent name="fee"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition name="Outcome">
    <typeRef>string</typeRef>
    <allowedValues><text>"YES", "NO"</text></allowedValues>
  </itemDefinition>
  <inputData id="law" name="law"><variable name="law" typeRef="Law"/></inputData>
  <inputData id="Weight" name="Weight"><variable name="Weight" typeRef="number"/></inputData>
  <decision id="Fee" name="Fee">
    <variable name="Fee" typeRef="number"/>
    <informationRequirement><requiredInput href="#law"/></informationRequirement>
    <informationRequirement><requiredInput href="#Weight"/></informationRequirement>
    <literalExpression><text>law.fee * Weight</text></literalExpression>
  </decision>
  <decision id="Outcome" name="Outcome">
    <variable name="Outcome" typeRef="Outcome"/>
    <informationRequirement><requiredDecision href="#Fee"/></informationRequirement>
    <literalExpression><text>if Fee &gt; 100 then "NO" else "YES"</text></literalExpression>
  </decision>
</definitions>
"""
SERVICE = """\
key: dog
name: Dog
summary: Keep a dog.
description: A licence.
agency: human-services
audience: Everybody.
legal_basis: [{citation: PAMC 6.04, title: Dogs}]
channels: [{kind: online}]
cost: [{amount: 0, description: Free.}]
output: [{name: A licence}]
processing: {description: At once., working_days: 0}
languages: [en]
purpose: {description: To know., legal_basis: PAMC 6.04, kept_for: A year.}
decision:
  programme: dogs
  decision: Outcome
  facts:
    Weight: weight
  outcome: Outcome
  outcomes:
    "YES": {label: You may, explanation: You may keep it., grants: true, amount: weight * 2}
    "NO": {label: You may not, explanation: It is too heavy.}
  officer_when:
    - {when: weight > 2.2, why: Heavy dogs are looked at.}
  appeal: {days: 30, text: Write to us., legal_basis: PAMC 1.20.010}
"""
FORM = """\
pages:
  - key: dog
    title: Your dog
    questions:
      - {key: weight, type: number, label: Weight, short: the weight, decimals: 1, max: 1000}
"""
CASES = """\
cases:
  - {id: D1, reference_on: 2026-05-01, answers: {weight: 2}, outcome: "YES", amounts: {amount: 4}}
  - {id: D2, reference_on: 2026-05-01, answers: {weight: 3}, outcome: "NO"}
  - {id: D3, reference_on: 2027-05-01, answers: {weight: 3}, fault: Fee for a dog is not known for May 2027.}
"""
LAW_CASES = """\
decision: Fee
cases:
  - {id: L1, reference_on: 2026-05-01, facts: {Weight: 2}, expected: {result: 80}}
  - {id: L2, reference_on: 2027-05-01, facts: {Weight: 2}, missing: [law.fee]}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("jurisdiction.yaml", "life-events.yaml"):
        shutil.copy(root() / name, tmp_path / name)
    for name, text in {
        "law/dogs/parameters.yaml": LAW,
        "law/dogs/2026-01-01.dmn": MODEL,
        "law/dogs/cases.yaml": LAW_CASES,
        "services/dog/service.yaml": SERVICE,
        "services/dog/form.yaml": FORM,
        "services/dog/cases.yaml": CASES,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    plugins._checked.clear()
    return tmp_path


@pytest.fixture
def change(home: Path) -> Change:
    def put(name: str, old: str, new: str) -> None:
        path = home / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return put


def errors(home: Path) -> list[str]:
    _, problems = compile_service(home, "services/dog")
    return [f"{problem.code}: {problem.message}" for problem in problems if problem.is_error]


def test_right_section_has_no_errors_and_one_warning_of_a_gap(home: Path) -> None:
    service, problems = compile_service(home, "services/dog")

    assert service is not None
    assert [(problem.code, problem.line, problem.is_error) for problem in problems] == [
        ("parameters.gap", 5, False)
    ]
    assert list(service.sections["decision"].texts()) == [
        "You may",
        "You may keep it.",
        "You may not",
        "It is too heavy.",
        "Write to us.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "programme: dogs",
            "programme: dog",
            "decision.programme: There is no law 'dog' in the folder law/.",
        ),
        (
            "decision: Outcome",
            "decision: Outcomes",
            "decision.unknown: law/dogs/2026-01-01.dmn has no decision 'Outcomes'.",
        ),
        (
            "Weight: weight",
            "Wait: weight",
            "decision.fact-missing: The decision needs 'Weight', and nothing says where it comes from.",
        ),
        ("Weight: weight", "Wait: weight", "decision.fact-unknown: The decision does not ask for 'Wait'."),
        (
            "Weight: weight",
            'Weight: string(weight) + "kg"',
            "decision.fact-type: Weight is string here, the law takes number.",
        ),
        ("Weight: weight", "Weight: width", "feel.unknown-name: Nothing is called `width` here"),
        ("outcome: Outcome", "outcome: '1 +'", "feel.syntax:"),
        (
            "outcome: Outcome\n",
            "outcome: weight > 1\n",
            "feel.result-type: This gives boolean, but string is needed",
        ),
        (
            '    "NO": {label: You may not, explanation: It is too heavy.}\n',
            "",
            "decision.outcome-missing: law/dogs/2026-01-01.dmn can end with 'NO', which is not declared.",
        ),
        (
            '"NO": {label',
            '"NEVER": {label: x, explanation: x}\n    "NO": {label',
            "decision.outcome-unknown: law/dogs/2026-01-01.dmn never ends with 'NEVER'.",
        ),
        ("amount: weight * 2", 'amount: "2"', "schema"),
        ("weight: 2}, outcome", "weight: 3}, outcome", "decision.case: Case D1"),
    ],
)
def test_wrong_section_is_refused_with_its_place(
    home: Path, change: Change, old: str, new: str, expected: str
) -> None:
    name = (
        "services/dog/cases.yaml" if "outcome" in old and "weight: 2" in old else "services/dog/service.yaml"
    )
    if expected == "schema":
        new, expected = "amount: '\"two\"'", "feel.result-type: This gives string, but number is needed here."
    change(name, old, new)

    found = errors(home)

    assert [line for line in found if line.startswith(expected)], found


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("law/dogs/parameters.yaml", "programme: dogs", "programme: cats", "law.programme"),
        ("law/dogs/parameters.yaml", "value: 40", "value: much", "parameters.value"),
        ("law/dogs/parameters.yaml", "  fee:", "  price:", "law.parameter"),
        (
            "law/dogs/parameters.yaml",
            "    unit: USD/year",
            "    kind: text\n    unit: text",
            "parameters.value",
        ),
        ("law/dogs/parameters.yaml", "programme", "[programme", "document.yaml"),
        ("law/dogs/2026-01-01.dmn", "<definitions", "<definition", "dmn.xml"),
        ("law/dogs/2026-01-01.dmn", "law.fee * Weight", "law.fee * (", "dmn.syntax"),
        ("law/dogs/cases.yaml", "result: 80", "result: 81", "law.case"),
        ("law/dogs/cases.yaml", "missing: [law.fee]", "missing: [law.tax]", "law.case"),
        ("law/dogs/cases.yaml", "missing: [law.fee]", "expected: {}", "law.case"),
        ("law/dogs/cases.yaml", "reference_on: 2026-05-01", "reference_on: 2020-05-01", "law.case"),
        ("law/dogs/cases.yaml", "Weight: 2}, expected", "Weight: heavy}, expected", "law.case"),
        ("law/dogs/cases.yaml", "decision: Fee", "verdict: Fee", "schema.missing"),
        ("law/dogs/cases.yaml", "decision: Fee", "decision: [Fee", "document.yaml"),
        ("services/dog/cases.yaml", "May 2027", "June 2027", "decision.case"),
        ("services/dog/cases.yaml", "amounts: {amount: 4}", "amounts: {amount: 5}", "decision.case"),
        (
            "services/dog/cases.yaml",
            'weight: 3}, outcome: "NO"',
            'weight: x}, outcome: "NO"',
            "decision.case",
        ),
    ],
)
def test_wrong_law_and_cases_are_refused(
    home: Path, change: Change, name: str, old: str, new: str, expected: str
) -> None:
    change(name, old, new)

    assert expected in {line.partition(":")[0] for line in errors(home)}


def test_folder_without_models_or_with_a_strange_name_is_refused(home: Path) -> None:
    model = home / "law/dogs/2026-01-01.dmn"
    model.rename(home / "law/dogs/dogs.dmn")
    assert [line.partition(":")[0] for line in errors(home)] == ["law.file"]

    (home / "law/dogs/dogs.dmn").unlink()
    assert [line.partition(":")[0] for line in errors(home)] == ["law.model"]


def test_law_without_cases_is_not_checked(home: Path) -> None:
    (home / "law/dogs/cases.yaml").unlink()

    assert errors(home) == []


def test_cases_of_a_service_without_a_decision_are_left_alone(home: Path, change: Change) -> None:
    path = home / "services/dog/service.yaml"
    path.write_text(path.read_text().partition("decision:\n")[0])

    assert errors(home) == []


def test_outcomes_that_no_type_lists_are_said_aloud(home: Path, change: Change) -> None:
    change(
        "law/dogs/2026-01-01.dmn",
        '<variable name="Outcome" typeRef="Outcome"/>',
        '<variable name="Outcome"/>',
    )

    _, problems = compile_service(home, "services/dog")

    assert "decision.outcomes-open" in {problem.code for problem in problems if not problem.is_error}


def test_model_is_chosen_by_both_dates(home: Path) -> None:
    (home / "law/dogs/2027-01-01@2026-11-05.dmn").write_text(MODEL)
    found, _ = read_programme(home, "dogs")

    assert found is not None

    def file(on: date, known: date | None = None) -> str | None:
        model = found.model_on(on, known)
        return model.file.rpartition("/")[2] if model else None

    assert file(date(2025, 1, 1)) is None
    assert file(date(2026, 12, 31)) == "2026-01-01.dmn"
    assert file(date(2027, 1, 1)) == "2027-01-01@2026-11-05.dmn"
    assert file(date(2027, 1, 1), date(2026, 11, 4)) == "2026-01-01.dmn"


def test_officer_rule_sends_a_clear_case_to_an_officer(
    home: Path, change: Change, settings: pytest.FixtureRequest
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)  # type: ignore[attr-defined]  # pytest-django's settings
    service, _ = compile_service(home, "services/dog")
    assert service is not None

    light = evaluate(service, {"weight": "2"}, reference_on=date(2026, 5, 1))
    heavy = evaluate(service, {"weight": "2.4"}, reference_on=date(2026, 5, 1))

    assert (light.outcome, light.needs_officer) == ("YES", False)
    assert (heavy.outcome, heavy.needs_officer, heavy.officer_reason) == (
        "YES",
        True,
        "Heavy dogs are looked at.",
    )
    assert [(step.label, step.value, step.how) for step in light.steps] == [
        ("Fee", "80", "40 \N{MULTIPLICATION SIGN} 2 = 80"),
        ("Outcome", "YES", ""),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("amount: weight * 2", "amount: 'null'", "The amount 'amount' is not a number."),
        ("amount: weight * 2", "amount: weight / 0", "The amount 'amount' cannot be worked out"),
        ("outcome: Outcome\n", "outcome: '\"MAYBE\"'\n", "The outcome 'MAYBE' is not one"),
        ("Weight: weight", "Weight: weight / 0", "The fact 'Weight' cannot be worked out"),
        ("when: weight > 2.2", "when: weight / 0 > 1", "The condition cannot be worked out"),
        ("when: weight > 2.2", "when: applicant.age > 1", "Heavy dogs are looked at."),
    ],
)
def test_null_in_an_expression_is_a_fault_and_never_a_no(
    home: Path, change: Change, settings: pytest.FixtureRequest, old: str, new: str, reason: str
) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)  # type: ignore[attr-defined]  # pytest-django's settings
    change("services/dog/service.yaml", old, new)
    (home / "services/dog/cases.yaml").unlink()
    service, problems = compile_service(home, "services/dog")
    assert service is not None, problems

    found = evaluate(service, {"weight": "2"}, reference_on=date(2026, 5, 1))

    assert found.needs_officer
    assert found.officer_reason.startswith(reason)


def test_law_that_cannot_be_read_says_so(home: Path, change: Change, settings: pytest.FixtureRequest) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)  # type: ignore[attr-defined]  # pytest-django's settings
    change("law/dogs/2026-01-01.dmn", "<definitions", "<definition")

    with pytest.raises(BrokenLaw):
        programme("dogs")
    with pytest.raises(BrokenLaw):
        from_texts("dogs", "law/dogs/2026-01-01.dmn", "<x/>", LAW)
    with pytest.raises(BrokenLaw):
        from_texts("dogs", "law/dogs/2026-01-01.dmn", MODEL, "programme: dogs")


def test_law_must_be_a_context_of_the_right_types() -> None:
    figures = load(
        {
            "programme": "dogs",
            "name": "Dogs",
            "parameters": {
                "fee": {
                    "label": "Fee",
                    "unit": "USD",
                    "by": [{"key": "zone", "values": ["A"]}, {"key": "rank", "up_to": 1}],
                    "entries": [
                        {
                            "from": "2026-01-01",
                            "known_from": "2026-01-01",
                            "reference": "x",
                            "value": {"A": [1]},
                        }
                    ],
                }
            },
        }
    )
    compiled = dmn.compile(dmn.read(MODEL.encode()))
    plain_law = dmn.compile(
        dmn.read(MODEL.replace('name="law" typeRef="Law"', 'name="law" typeRef="number"').encode())
    )

    assert str(law_type(figures)) == "context<fee: context<A: list<number>>>"
    assert law_differences(compiled, figures) == [
        "law.fee is context<A: list<number>>, the model takes it for number."
    ]
    assert law_differences(plain_law, figures) == ["The input 'law' must be a context."]


def test_missing_cases_file_is_a_problem(home: Path) -> None:
    found, _ = read_programme(home, "dogs")
    assert found is not None
    (home / "law/dogs/cases.yaml").unlink()

    assert [problem.code for problem in check_cases(home, found)] == ["document.path"]


@pytest.mark.parametrize(
    ("actual", "expected", "same"),
    [
        ("6713.333333333333333", 6713.33, True),
        (539.115, 539.115, True),
        (539.114, 539.115, False),
        (None, 0, False),
        (True, 1, False),
        ("SUA", 1, False),
        ("2026-05-01", date(2026, 5, 1), True),
        ("SUA", "SUA", True),
    ],
)
def test_figures_are_compared_to_the_cent(actual: object, expected: object, same: bool) -> None:
    assert is_same(actual, expected) is same


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"@unknown": True}, "not known"),
        (None, "not known"),
        (True, "yes"),
        (False, "no"),
        (1850, "1,850"),
        (0.2, "0.2"),
        ("6713.333333333333333333", "6,713.33"),
        ("SUA", "SUA"),
        (40, "40"),
        ([1, "SUA"], "1, SUA"),
        ([], "none"),
        (parse_date_time("2026-05-01T10:00:00"), "May 1, 2026"),
        (YearsMonthsDuration(14), "1 year, 2 months"),
        (YearsMonthsDuration(0), "0 months"),
        (DaysDuration.of(days=1, hours=2), "1 day, 2 hours"),
        (DaysDuration(0), "0 days"),
    ],
)
def test_values_are_written_for_people(value: object, written: str) -> None:
    assert words().plain(value) == written


def test_unknown_values_of_a_trace_come_back() -> None:
    assert revived({"a": [{"@unknown": True}, 1]}) == {"a": [UNKNOWN, 1]}


def test_worked_case_needs_a_day(home: Path, change: Change) -> None:
    change("services/dog/cases.yaml", "id: D2, reference_on: 2026-05-01", "id: D2")

    assert errors(home) == ["decision.case: Case D2: The day whose law applies is not known."]


@pytest.mark.parametrize(
    ("given", "wanted", "clashes"),
    [
        (NUMBER, NUMBER, []),
        (ANY, NUMBER, []),
        (STRING, NUMBER, ["(): string for number"]),
        (ListType(STRING), ListType(NUMBER), ["('item',): string for number"]),
        (ListType(NUMBER), NUMBER, ["(): list<number> for number"]),
        (
            ContextType.of({"age": STRING}),
            ContextType.of({"age": NUMBER, "name": STRING}),
            ["('age',): string for number", "('name',): not given for string"],
        ),
        (NOTHING, NUMBER, []),
    ],
)
def test_types_that_cannot_meet_are_named_by_their_place(
    given: Type, wanted: Type, clashes: list[str]
) -> None:
    found = [f"{path}: {mine} for {needed}" for path, mine, needed in plugins._clashes((), given, wanted)]

    assert found == clashes


def test_the_law_of_many_days_is_not_kept_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = read_programme(home, "dogs")
    assert found is not None
    monkeypatch.setattr(evaluating, "_KEPT", 2)
    monkeypatch.setattr(evaluating, "_snapshots", {})
    days = [date(2026, 5, day) for day in (1, 2, 3)]

    assert [snapshot_of(found, day, None).entries["fee"].value for day in days] == [40, 40, 40]
    assert [on for _, on, _ in evaluating._snapshots] == [days[2]]
    assert snapshot_of(found, days[2], None) is snapshot_of(found, days[2], None)


STATEMENT = """\
  statement:
    title: Your bill
    lines:
      - {label: Fee for each kilo, amount: Sum.fee / Sum.weight, step: Fee}
      - {label: Surcharge, amount: Sum.surcharge, when: Sum.surcharge > 0}
      - {label: To pay, amount: -Sum.fee, total: true}
  appeal:"""
SUMMED = """\
  <itemDefinition name="Sum">
    <itemComponent name="outcome"><typeRef>Outcome</typeRef></itemComponent>
    <itemComponent name="fee"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="weight"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="surcharge"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <inputData id="law" name="law">"""
SUM = """\
  <decision id="Sum" name="Sum">
    <variable name="Sum" typeRef="Sum"/>
    <informationRequirement><requiredDecision href="#Fee"/></informationRequirement>
    <informationRequirement><requiredDecision href="#Outcome"/></informationRequirement>
    <informationRequirement><requiredInput href="#Weight"/></informationRequirement>
    <literalExpression>
      <text>{outcome: Outcome, fee: Fee, weight: Weight, surcharge: if Weight > 2 then 5 else 0}</text>
    </literalExpression>
  </decision>
</definitions>"""


@pytest.fixture
def billed(home: Path, change: Change, settings: pytest.FixtureRequest) -> Change:
    """The service of a dog with a statement of its fee."""
    settings.COMMONWEAL_JURISDICTION = str(home)  # type: ignore[attr-defined]  # pytest-django's settings
    change("law/dogs/2026-01-01.dmn", '  <inputData id="law" name="law">', SUMMED)
    change("law/dogs/2026-01-01.dmn", "</definitions>", SUM.replace("> 2", "&gt; 2"))
    change("services/dog/service.yaml", "decision: Outcome", "decision: Sum")
    change("services/dog/service.yaml", "outcome: Outcome", "outcome: Sum.outcome")
    change("services/dog/service.yaml", "  appeal:", STATEMENT)
    return change


def test_a_statement_shows_the_figures_that_apply(home: Path, billed: Change) -> None:
    service, problems = compile_service(home, "services/dog")
    assert service is not None, problems

    def lines(weight: str) -> list[tuple[str, str, bool]]:
        found = evaluate(service, {"weight": weight}, reference_on=date(2026, 5, 1))
        figures = statement_of(service, found.result, found.steps)
        return [(figure.label, str(figure.amount.amount), figure.is_total) for figure in figures]

    assert lines("1.5") == [("Fee for each kilo", "40.00", False), ("To pay", "-60.00", True)]
    assert lines("2.1") == [
        ("Fee for each kilo", "40.00", False),
        ("Surcharge", "5.00", False),
        ("To pay", "-84.00", True),
    ]
    assert statement_of(service, None, ()) == ()
    assert {"Your bill", "Surcharge"} <= set(service.sections["decision"].texts())


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("step: Fee", "step: Fees", "decision.unknown", "The model has no decision 'Fees'."),
        ("-Sum.fee, total", "Sum.outcome, total", "feel.result-type", "number"),
        ("-Sum.fee, total", "-weight, total", "feel.unknown-name", "weight"),
        ("when: Sum.surcharge > 0", "when: Sum.surcharge", "feel.result-type", "boolean"),
    ],
)
def test_a_wrong_line_of_a_statement_is_refused(
    home: Path, billed: Change, old: str, new: str, code: str, message: str
) -> None:
    billed("services/dog/service.yaml", old, new)

    _, problems = compile_service(home, "services/dog")

    assert [problem.code for problem in problems if problem.is_error] == [code]
    assert message in next(problem.message for problem in problems if problem.is_error)
