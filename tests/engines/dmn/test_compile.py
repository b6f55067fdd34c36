from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pytest

from commonweal.engines import dmn
from commonweal.engines.feel.evaluation import Limits
from commonweal.engines.feel.unknown import UNKNOWN

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, namespace: str = "urn:a", name: str = "a") -> bytes:
    return f'<definitions xmlns="{NAMESPACE}" name="{name}" namespace="{namespace}">{body}</definitions>'.encode()


def imported(name: str, namespace: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="{NAMESPACE}"/>'


def decision(name: str, text: str, *, needs: str = "", type_ref: str = "") -> str:
    kind = f' typeRef="{type_ref}"' if type_ref else ""
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"{kind}/>{needs}'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )


def needs(kind: str, href: str) -> str:
    outer = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
    return f'<{outer}><required{kind} href="{href}"/></{outer}>'


def fact(name: str, type_ref: str = "number") -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


BASE = definitions(
    '<itemDefinition name="tYears"><typeRef>number</typeRef><allowedValues><text>&gt;= 0</text></allowedValues></itemDefinition>'
    + fact("age", "tYears")
    + decision("is adult", "age &gt;= 18", needs=needs("Input", "#age"))
    + '<businessKnowledgeModel id="twice" name="twice"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    "<literalExpression><text>n * 2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    '<decisionService id="s" name="adulthood"><outputDecision href="#is adult"/><inputData href="#age"/></decisionService>',
    namespace="urn:base",
    name="base",
)


def compiled(body: str, *others: tuple[str, bytes]) -> dmn.CompiledModel:
    known = {"urn:base": BASE, **dict(others)}
    return dmn.compile(dmn.read(definitions(body), imports=lambda item: known.get(item.namespace)))


def test_imports_are_seen_under_their_prefix() -> None:
    model = compiled(
        imported("people", "urn:base")
        + decision(
            "d",
            "if people.is adult then people.twice(people.age) else -1",
            needs=needs("Decision", "urn:base#is adult")
            + needs("Input", "urn:base#age")
            + needs("Knowledge", "urn:base#twice"),
            type_ref="people.tYears",
        )
    )

    assert model.problems == []
    assert list(model.inputs) == ["people.age"]
    for facts in ({"people.age": 20}, {"people": {"age": 20}}):
        assert model.decide("d", facts).value == Decimal(40)
    below = model.decide("d", {"people": {"age": 2}})
    assert (below.value, [w.code for w in below.warnings]) == (None, ["conversion"])
    assert model.decide("people.is adult", {"people.age": 2}).value is False


def test_an_import_without_a_name_brings_names_without_a_prefix() -> None:
    model = compiled(
        imported("", "urn:base")
        + decision(
            "d",
            "twice(age)",
            needs=needs("Input", "urn:base#age") + needs("Knowledge", "urn:base#twice"),
            type_ref="tYears",
        )
    )

    assert model.problems == []
    assert model.decide("d", {"age": 4}).value == Decimal(8)


def test_a_model_imported_by_two_ways_takes_two_sets_of_facts() -> None:
    def between(namespace: str) -> bytes:
        text = decision("says", "base.age", needs=needs("Input", "urn:base#age"))
        return definitions(imported("base", "urn:base") + text, namespace=namespace)

    model = compiled(
        imported("left", "urn:l")
        + imported("right", "urn:r")
        + decision(
            "d",
            "left.says - right.says",
            needs=needs("Decision", "urn:l#says") + needs("Decision", "urn:r#says"),
        ),
        ("urn:l", between("urn:l")),
        ("urn:r", between("urn:r")),
    )

    facts = {"left": {"base": {"age": 5}}, "right": {"base": {"age": 3}}}
    assert model.decide("d", facts).value == Decimal(2)


def test_a_service_is_called_from_feel_and_from_python() -> None:
    model = compiled(
        imported("people", "urn:base")
        + decision("d", "people.adulthood(20)", needs=needs("Knowledge", "urn:base#s"))
    )

    assert model.decide("d", {}).value is True
    assert dmn.compile(dmn.read(BASE)).invoke("adulthood", {"age": 2}).value is False
    assert dmn.compile(dmn.read(BASE)).invoke("adulthood", {}, unknown=True).value is UNKNOWN
    assert dmn.compile(dmn.read(BASE)).call("twice", {"n": 4}, trace=True).value == Decimal(8)


def test_unknown_names_are_answered_with_those_known() -> None:
    model = dmn.compile(dmn.read(BASE))

    with pytest.raises(dmn.NameUnknownError, match="there are: is adult"):
        model.decide("x", {})
    with pytest.raises(dmn.NameUnknownError, match="adulthood"):
        model.invoke("x", {})
    with pytest.raises(dmn.NameUnknownError, match="twice"):
        model.call("x", {})
    assert model.services == ("adulthood",)


@pytest.mark.parametrize(
    "now", [dt.date(2026, 9, 15), dt.datetime(2026, 9, 15, 12, tzinfo=dt.UTC)], ids=["date", "moment"]
)
def test_today_is_the_date_passed_in(now: dt.date) -> None:
    model = compiled(decision("d", "string(today())"))

    assert model.decide("d", {}, now=now).value == "2026-09-15"
    assert model.decide("d", {}).value is None


def test_a_fact_under_the_name_of_a_decision_takes_its_place() -> None:
    model = compiled(
        decision("a", "1", type_ref="number") + decision("b", "a + 1", needs=needs("Decision", "#a"))
    )

    assert model.decide("b", {}).value == Decimal(2)
    assert model.decide("b", {"a": 10}).value == Decimal(11)


def test_a_fact_that_does_not_fit_is_null_with_a_warning() -> None:
    result = dmn.compile(dmn.read(BASE)).decide("is adult", {"age": "old"})

    assert result.value is None
    assert result.warnings[0].code == "fact"


def test_all_decisions_can_be_made_at_once() -> None:
    model = compiled(decision("a", "1") + decision("b", "2"))

    assert {name: result.value for name, result in model.decide_all({}).items()} == {"a": 1, "b": 2}


def test_runs_are_bounded() -> None:
    endless = (
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        "<literalExpression><text>f(n + 1)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    )
    model = compiled(endless + decision("d", "f(1)", needs=needs("Knowledge", "#f")))
    with pytest.raises(dmn.LimitError, match="deep"):
        model.decide("d", {})

    source = dmn.read(definitions(decision("d", "sum(for i in 1..100000 return i)")))
    with pytest.raises(dmn.LimitError, match="steps"):
        dmn.compile(source, limits=Limits(steps=1000)).decide("d", {})


def boxed(body: str) -> object:
    model = compiled(f'<decision id="d" name="d">{body}</decision>')
    return dmn.to_json(model.decide("d", {}, trace=True).value)


def lit(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


even = f"<conditional><if>{lit('even(item)')}</if><then>{lit('true')}</then><else>{lit('false')}</else></conditional>"
only_two = f"<context><contextEntry>{lit('a = 2')}</contextEntry></context>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<list>{lit('1')}{lit('true')}</list>", [1, True]),
        ("<list/>", []),
        (
            (
                '<relation><column name="a" typeRef="number"/><column name="b"/>'
                f"<row>{lit('1')}{lit('2')}</row><row>{lit('3')}</row></relation>"
            ),
            [{"a": 1, "b": 2}, {"a": 3, "b": None}],
        ),
        (
            (
                f'<context><contextEntry><variable name="a"/>{lit("2")}</contextEntry>'
                f'<contextEntry><variable name="b"/>{lit("a * 2")}</contextEntry></context>'
            ),
            {"a": 2, "b": 4},
        ),
        (
            (
                '<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="x" typeRef="number"/>'
                f"{lit('x + 1')}</functionDefinition></contextEntry><contextEntry>{lit('f(f(1))')}</contextEntry></context>"
            ),
            3,
        ),
        (
            f"<invocation>{lit('max')}<binding><parameter name='list'/>{lit('[3, 5]')}</binding></invocation>",
            5,
        ),
        (
            (
                f"<invocation><functionDefinition><formalParameter name='x'/>{lit('x * 2')}</functionDefinition>"
                f"<binding><parameter name='x'/>{lit('4')}</binding></invocation>"
            ),
            8,
        ),
        (
            f"<conditional><if>{lit('1 = 1')}</if><then>{lit('1')}</then><else>{lit('2')}</else></conditional>",
            1,
        ),
        (
            f"<conditional><if>{lit('null')}</if><then>{lit('1')}</then><else>{lit('2')}</else></conditional>",
            2,
        ),
        (f"<filter><in>{lit('[1, 2, 3]')}</in><match>{lit('item &gt; 1')}</match></filter>", [2, 3]),
        (f"<filter><in>{lit('[{a: 1}, {a: 2}]')}</in><match>{lit('a = 2')}</match></filter>", [{"a": 2}]),
        (f"<filter><in>{lit('[1, 2, 3]')}</in><match>{even}</match></filter>", [2]),
        (f"<filter><in>{lit('2')}</in><match>{even}</match></filter>", [2]),
        (f"<filter><in>{lit('null')}</in><match>{even}</match></filter>", []),
        (f"<filter><in>{lit('[{a: 1}, {a: 2}]')}</in><match>{only_two}</match></filter>", [{"a": 2}]),
        (f"<filter><in>{lit('[1]')}</in><match/></filter>", None),
        (
            f"<for iteratorVariable='i'><in>{lit('[1..3]')}</in><return>{lit('i * i')}</return></for>",
            [1, 4, 9],
        ),
        (
            f"<for iteratorVariable='i'><in>{lit('[1, 2]')}</in><return>{lit('count(partial)')}</return></for>",
            [0, 1],
        ),
        (
            f"<some iteratorVariable='i'><in>{lit('[1, 2]')}</in><satisfies>{lit('i &gt; 1')}</satisfies></some>",
            True,
        ),
        (
            f"<every iteratorVariable='i'><in>{lit('[1, 2]')}</in><satisfies>{lit('i &gt; 1')}</satisfies></every>",
            False,
        ),
        (
            f"<every iteratorVariable='i'><in>{lit('[1, 2]')}</in><satisfies>{lit('null')}</satisfies></every>",
            None,
        ),
        ("<literalExpression expressionLanguage='urn:other'><text>1</text></literalExpression>", None),
        ("<functionDefinition kind='PMML'><context/></functionDefinition>", None),
        ("<literalExpression/>", None),
        ("", None),
    ],
)
def test_boxed_expressions(body: str, expected: object) -> None:
    assert boxed(body) == expected


def test_an_external_function_comes_from_the_allow_list() -> None:
    described = (
        f'<context><contextEntry><variable name="class"/>{lit("&quot;java.lang.Math&quot;")}</contextEntry>'
        f'<contextEntry><variable name="method signature"/>{lit("&quot;max(double,double)&quot;")}</contextEntry></context>'
    )
    function = f"<functionDefinition kind='Java'><formalParameter name='a' typeRef='number'/><formalParameter name='b'/>{described}</functionDefinition>"
    body = f"<context><contextEntry><variable name='f'/>{function}</contextEntry><contextEntry>{lit('f(1, 2)')}</contextEntry></context>"

    assert boxed(body) == 2


def test_types_may_name_themselves() -> None:
    tree = (
        '<itemDefinition name="tNode"><itemComponent name="value"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="below" isCollection="true"><typeRef>tNode</typeRef></itemComponent></itemDefinition>'
    )
    model = compiled(
        tree + fact("root", "tNode") + decision("d", "root.below[1].value", needs=needs("Input", "#root"))
    )

    leaf = {"value": 2, "below": []}
    assert model.decide("d", {"root": {"value": 1, "below": [leaf]}}).value == Decimal(2)
    assert model.decide("d", {"root": {"value": 1, "below": [{"value": "x"}]}}).value is None


def test_a_long_chain_of_types_is_refused_by_the_engines_own_error() -> None:
    chain = "".join(
        f'<itemDefinition name="t{i}"><typeRef>t{i + 1}</typeRef></itemDefinition>' for i in range(3000)
    )

    with pytest.raises(dmn.LimitError, match="too deeply"):
        compiled(chain + decision("d", "1", type_ref="t0"))


def test_function_types_and_missing_types() -> None:
    types = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="string"><parameters name="x" typeRef="number"/>'
        "</functionItem></itemDefinition>"
        '<businessKnowledgeModel id="f" name="f"><variable name="f" typeRef="tF"/><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/><literalExpression><text>x</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    model = compiled(types + decision("d", "f(1)", needs=needs("Knowledge", "#f"), type_ref="tNone"))

    assert model.decide("d", {}).value is None
    assert [p.kind for p in model.problems] == ["unknown-type"]


@pytest.mark.usefixtures("collector_at_rest")
def test_many_types_and_long_contexts_load_in_time() -> None:
    types = "".join(
        f'<itemDefinition name="tKind {i}"><itemComponent name="part {i}"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>"
        for i in range(300)
    )
    facts = "".join(fact(f"fact {i}", f"tKind {i}") for i in range(300))
    decisions = "".join(
        decision(f"d{i}", f"fact {i}.part {i} + 1", needs=needs("Input", f"#fact {i}")) for i in range(300)
    )
    entries = "".join(
        f'<contextEntry><variable name="e{i}"/>{lit(f"e{i - 1} + 1" if i else "0")}</contextEntry>'
        for i in range(1500)
    )
    start = time.process_time()

    model = compiled(
        types + facts + decisions + f'<decision id="c" name="c"><context>{entries}</context></decision>'
    )

    assert time.process_time() - start < 20  # far from what a quadratic search would take
    assert model.problems == []
    assert model.decide("d7", {"fact 7": {"part 7": 1}}).value == Decimal(2)
    assert model.decide("c", {}).value["e1499"] == Decimal(1499)


def test_the_type_of_a_function_definition_may_be_that_of_its_result() -> None:
    function = (
        f"<functionDefinition typeRef='string'><formalParameter name='x'/>{lit('x')}</functionDefinition>"
    )
    body = f"<context><contextEntry><variable name='f'/>{function}</contextEntry><contextEntry>{lit('[f(1), f(&quot;a&quot;)]')}</contextEntry></context>"

    assert boxed(body) == [None, "a"]
