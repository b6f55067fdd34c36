"""What a trace holds, whole: for a table with rules that hit, miss and are in doubt; for boxes and calls."""

from __future__ import annotations

from typing import Any

from commonweal.engines import dmn
from commonweal.engines.dmn import recording

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def compiled(body: str) -> dmn.CompiledModel:
    return dmn.compile(
        dmn.read(f'<definitions xmlns="{NAMESPACE}" name="m" namespace="urn:m">{body}</definitions>'.encode())
    )


def cell(kind: str, text: str) -> str:
    return f"<{kind}><text>{text}</text></{kind}>"


def rule(*cells: str, note: str = "") -> str:
    *tests, output = cells
    entries = "".join(cell("inputEntry", test) for test in tests) + cell("outputEntry", output)
    return f"<rule>{entries}{cell('annotationEntry', note)}</rule>"


FEE = compiled(
    '<decision id="fee" name="Fee"><variable name="Fee" typeRef="number"/>'
    '<informationRequirement><requiredInput href="#age"/></informationRequirement>'
    '<informationRequirement><requiredInput href="#kind"/></informationRequirement>'
    '<authorityRequirement><requiredAuthority href="#law"/></authorityRequirement>'
    '<decisionTable hitPolicy="COLLECT" aggregation="SUM">'
    f"<input>{cell('inputExpression', 'age')}</input><input>{cell('inputExpression', 'kind')}</input>"
    '<output name="fee"/><annotation name="why"/>'
    f"{rule('&lt; 18', '-', 'age', note='§ 1')}{rule('&gt;= 18', '&quot;a&quot;', '5')}{rule('-', '-', '1 + 1')}"
    "</decisionTable></decision>"
    '<inputData id="age" name="age"><variable name="age" typeRef="number"/></inputData>'
    '<inputData id="kind" name="kind"><variable name="kind" typeRef="string"/></inputData>'
    '<knowledgeSource id="law" name="By-law 7" locationURI="https://example.org/7"><description>Fees.</description>'
    "<type>by-law</type></knowledgeSource>"
)
RULES = [
    {"rule": 1, "tests": ["< 18", "-"], "results": ["age"], "notes": ["§ 1"]},
    {"rule": 2, "tests": [">= 18", '"a"'], "results": ["5"], "notes": [""]},
    {"rule": 3, "tests": ["-", "-"], "results": ["1 + 1"], "notes": [""]},
]
LAW = {"name": "By-law 7", "type": "by-law", "location": "https://example.org/7", "description": "Fees."}


def data_of(facts: dict[str, Any], **options: bool) -> dict[str, Any]:
    trace = FEE.decide("Fee", facts, trace=True, **options).trace
    assert trace is not None
    return trace.as_data()


def miss(number: int, column: int, value: Any, outcome: Any) -> dict[str, Any]:
    tests = RULES[number - 1]["tests"]
    assert isinstance(tests, list)
    name = ("age", "kind")[column - 1]
    return {
        "rule": number,
        "column": column,
        "input": name,
        "test": tests[column - 1],
        "value": value,
        "outcome": outcome,
    }


def whole(
    facts: dict[str, Any], value: Any, hits: list[int], misses: list[Any], possible: list[int]
) -> dict[str, Any]:
    return {
        "version": 1,
        "model": {"name": "m", "namespace": "urn:m"},
        "facts": facts,
        "decisions": [
            {
                "kind": "decision",
                "name": "Fee",
                "value": value,
                "tables": [
                    {
                        "place": "Fee",
                        "hit_policy": "COLLECT",
                        "inputs": [{"expression": name, "value": facts[name]} for name in ("age", "kind")],
                        "outputs": ["fee"],
                        "value": value,
                        "hits": [RULES[number - 1] for number in hits],
                        "misses": misses,
                        "possible": [RULES[number - 1] for number in possible],
                    }
                ],
                "entries": [],
                "calls": [],
                "citations": [LAW],
                "warnings": [],
            }
        ],
        "warnings": [],
        "is_cut": False,
    }


def test_a_table_is_traced_with_hits_and_misses() -> None:
    facts = {"age": 7, "kind": "a"}

    assert data_of(facts) == whole(facts, 9, [1, 3], [miss(2, 1, 7, False)], [])


def test_a_value_that_no_test_understands_is_a_miss_of_null() -> None:
    facts = {"age": None, "kind": "b"}

    found = data_of(facts)

    assert found["decisions"][0]["tables"][0]["misses"] == [miss(1, 1, None, None), miss(2, 1, None, None)]
    assert found["decisions"][0]["value"] == 2


def test_rules_in_doubt_are_possible_and_no_misses() -> None:
    unknown = {"@unknown": True}
    facts = {"age": 20, "kind": unknown}

    assert data_of({"age": 20}, unknown=True) == whole(facts, unknown, [3], [miss(1, 1, 20, False)], [2])


def test_what_is_missing_is_only_what_is_in_doubt() -> None:
    assert FEE.decide("Fee", {"age": 20}, unknown=True).missing == ("kind",)
    assert FEE.decide("Fee", {"kind": "b"}, unknown=True).missing == ("age",)
    assert FEE.decide("Fee", {"age": 7}, unknown=True).missing == ()
    assert FEE.decide("Fee", {"age": 7}, unknown=True).value == 9
    assert FEE.decide("Fee", {}, unknown=True).missing == ("age", "kind")


def test_the_text_names_tests_rules_notes_and_law() -> None:
    trace = FEE.decide("Fee", {"age": 7, "kind": "a"}, trace=True).trace
    assert trace is not None

    assert trace.as_text() == "Fee is 9 because age is 7 (< 18): rule 1; rule 3, § 1, By-law 7."
    assert trace.citations() == trace.citations("Fee")
    assert [citation.name for citation in trace.citations()] == ["By-law 7"]
    assert trace.citations("Other") == ()
    assert [table.hits for table in trace.tables()] == [[0, 2]]


BOXES = compiled(
    '<businessKnowledgeModel id="k" name="twice"><encapsulatedLogic><formalParameter name="n"/>'
    "<literalExpression><text>if n = null then 1 / 0 else n * 2</text></literalExpression>"
    "</encapsulatedLogic></businessKnowledgeModel>"
    '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
    '<context><contextEntry><variable name="a"/><literalExpression><text>twice(4)</text></literalExpression></contextEntry>'
    '<contextEntry><variable name="b"/><literalExpression><text>twice(null)</text></literalExpression></contextEntry>'
    "</context></decision>"
    '<decision id="e" name="e"><informationRequirement><requiredDecision href="#d"/></informationRequirement>'
    "<literalExpression><text>if sqrt(-1) = null then d.a else 0</text></literalExpression></decision>"
)


def test_entries_calls_and_warnings_lie_where_they_happened() -> None:
    trace = BOXES.decide("e", {}, trace=True).trace
    assert trace is not None
    zero = {"code": "arithmetic", "message": "division by zero"}
    root = {"code": "arithmetic", "message": "a negative number has no square root"}

    def call(value: Any, warnings: list[dict[str, str]]) -> dict[str, Any]:
        return {
            "kind": "knowledge model",
            "name": "twice",
            "value": value,
            "tables": [],
            "entries": [],
            "calls": [],
            "citations": [],
            "warnings": warnings,
        }

    data = trace.as_data()

    assert data["decisions"] == [
        {
            "kind": "decision",
            "name": "d",
            "value": {"a": 8, "b": None},
            "tables": [],
            "entries": [{"name": "a", "value": 8}, {"name": "b", "value": None}],
            "calls": [call(8, []), call(None, [zero])],
            "citations": [],
            "warnings": [zero],
        },
        {
            "kind": "decision",
            "name": "e",
            "value": 8,
            "tables": [],
            "entries": [],
            "calls": [],
            "citations": [],
            "warnings": [root],
        },
    ]
    assert data["warnings"] == [zero, root]
    assert trace.as_text().splitlines() == [
        "e is 8 because d is {a: 8, b: null}.",
        "d is {a: 8, b: null}.",
        "twice is 8.",
        "twice is null.",
        "Note: division by zero",
        "Note: a negative number has no square root",
    ]


def test_a_trace_without_room_says_that_it_is_cut() -> None:
    full = recording.Recording(trace=True, room=2)
    for _ in range(2):
        full.note(recording.EntryNote("a", None))
    assert (full.room, len(full.inside)) == (0, 2)

    full.note(recording.EntryNote("b", None))

    assert (full.room, len(full.inside)) == (0, 2)
