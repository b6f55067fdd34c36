"""Whole models: functions, services, boxes, tables, imports of types; held to the decision engine."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.engines.columnar.models import answers, assert_agree, model_of, table_of

from commonweal.engines import columnar
from commonweal.engines.columnar import ir
from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.dmn import model as m

TYPES = """
    Kind: string = "A", "B", "C"
    Rate: number = [0..1], 5, >= 100
    Pair: {low: number; high: number}
"""
INPUTS = {"a": "number", "b": "number", "p": "boolean", "k": "Kind", "r": "Rate"}
ROWS = [
    {"a": None if a is None else Decimal(a), "b": Decimal(b), "p": p, "k": k, "r": None if r is None else Decimal(r)}
    for a, b, p, k, r in [
        ("10", "3", True, "A", "0.5"), ("-1.5", "40", False, "B", "1"), ("0", "0", None, "C", "0"),
        (None, "7", True, None, None), ("99.99", "100", False, "A", "5"), ("50", "60", True, "C", "3"),
        ("7", "8", False, "B", "250"),
    ]
]  # fmt: skip


def literal(text: str, kind: str | None = None) -> m.Literal:
    return m.Literal(text=text, type_ref=kind)


def entry(name: str | None, value: m.Boxed, kind: str | None = None) -> m.ContextEntry:
    return m.ContextEntry(variable=m.Variable(name=name, type_ref=kind) if name else None, value=value)


def context(*entries: m.ContextEntry) -> m.Context:
    return m.Context(entries=entries)


def child(text: str) -> m.Child:
    return m.Child(value=literal(text))


def function(body: m.Boxed, *parameters: str, kind: str = "FEEL") -> m.FunctionDefinition:
    variables = tuple(m.Variable(name=name, type_ref="number") for name in parameters)
    return m.FunctionDefinition(parameters=variables, body=body, kind=kind)


SCALED = m.KnowledgeModel(
    id="scaled",
    name="scaled",
    variable=m.Variable(name="scaled", type_ref="number"),
    logic=function(context(entry("twice", literal("x * 2")), entry(None, literal("twice + y"))), "x", "y"),
)
ENDLESS = m.KnowledgeModel(
    id="endless",
    name="endless",
    variable=m.Variable(name="endless", type_ref="number"),
    logic=function(literal("endless(x - 1)"), "x"),
    knowledge=(m.Requirement(kind="requiredKnowledge", href="#endless"),),
)
OUTSIDE = m.KnowledgeModel(id="outside", name="outside", logic=function(context(), "x", kind="Java"))
SERVICE = m.DecisionService(
    id="service",
    name="service",
    variable=m.Variable(name="service"),
    output_decisions=("#d0",),
    input_data=("#i0", "#i1"),
)
BOTH = replace(
    SERVICE, id="both", name="both", variable=m.Variable(name="both"), output_decisions=("#d0", "#d1")
)

CELL = [(["A"], "1")]
BOXES: dict[str, tuple[m.Boxed, str]] = {
    "context": (context(entry("x", literal("a + 1"), "number"), entry("y", literal("x * 2")), entry(None, literal("y - b"))), "number"),
    "context of several": (context(entry("low", literal("a"), "number"), entry("high", literal("b"))), "Pair"),
    "call of a function": (literal("scaled(a, b)"), "number"),
    "call by name": (literal("scaled(y: a, x: b)"), "number"),
    "call with too little": (literal("scaled(a)"), "number"),
    "call by wrong names": (literal("scaled(z: a, x: b)"), "number"),
    "boxed call": (m.Invocation(function=literal("scaled"), bindings=(
        m.Binding(parameter=m.Variable(name="x", type_ref="number"), value=literal("a")),
        m.Binding(parameter=m.Variable(name="y"), value=literal("1")))), "number"),
    "boxed call of a built-in function": (m.Invocation(function=literal("floor"), bindings=(
        m.Binding(parameter=m.Variable(name="n"), value=literal("a")),)), "number"),
    "boxed call of a box": (m.Invocation(function=function(literal("v + 1"), "v"), bindings=(
        m.Binding(parameter=m.Variable(name="v"), value=literal("a")),)), "number"),
    "boxed call with wrong names": (m.Invocation(function=literal("scaled"), bindings=(
        m.Binding(parameter=m.Variable(name="w"), value=literal("a")),)), "number"),
    "a function in a context": (context(entry("f", function(literal("v * v"), "v")), entry(None, literal("f(a) + f(b)"))), "number"),
    "if": (m.Conditional(condition=child("a > b"), then=child("a"), otherwise=child("b")), "number"),
    "if of a constant": (m.Conditional(condition=child("true"), then=child("a"), otherwise=child("b")), "number"),
    "for": (m.Invocation(function=literal("sum"), bindings=(m.Binding(parameter=m.Variable(name="list"), value=m.For(
        variable="x", source=child("[a, b, 3]"), result=child("x + 1"))),)), "number"),
    "every": (m.Quantified(quantifier="every", variable="x", source=child("[a, b]"), satisfies=child("x > 0")), "boolean"),
    "some": (m.Quantified(quantifier="some", variable="x", source=child("[1, 2]"), satisfies=child("x > a")), "boolean"),
    "filter": (context(entry("few", m.Filter(source=child("[1, 5, 10]"), match=child("item < b"))), entry(None, literal("count(few)"))), "number"),
    "list": (context(entry("all", m.BoxedList(items=(literal("a"), literal("b")))), entry(None, literal("max(all)"))), "number"),
    "relation": (context(entry("rows", m.Relation(columns=(m.Variable(name="from"), m.Variable(name="rate")), rows=(
        m.BoxedList(items=(literal("0"), literal("0.1"))), m.BoxedList(items=(literal("20"), literal("0.2")))))),
        entry(None, literal("sum(for x in rows return max(0, b - x.from) * x.rate)"))), "number"),
    "relation of facts": (context(entry("rows", m.Relation(columns=(m.Variable(name="v"),), rows=(
        m.BoxedList(items=(literal("a"),)), m.BoxedList(items=(literal("b"),))))), entry(None, literal("rows[2].v"))), "number"),
    "nothing": (m.Literal(text=""), "number"),
    "several outputs": (replace(table_of(["k"], []), outputs=(m.OutputClause(name="low", type_ref="number"), m.OutputClause(name="high")),
        rules=(m.Rule(tests=(m.UnaryTests(text='"A"'),), outputs=(literal("a"), literal("1"))),
               m.Rule(tests=(m.UnaryTests(text='"B", "C"'),), outputs=(literal("2"), literal("b"))))), "Pair"),
    "inputs with values": (replace(table_of(["a"], [(["> 5"], "1"), (["-"], "2")], policy="FIRST"), inputs=(
        m.InputClause(expression=literal("a", "number"), values=m.UnaryTests(text="[0..60]")),)), "number"),
    "outputs with values": (table_of(["k"], [(['"A"'], '"x"'), (["-"], '"z"')], policy="FIRST", values='"x", "y"'), "string"),
    "collected": (context(entry("hits", table_of(["a", "b"], [(["> 0", "-"], "a"), (["-", "> 5"], "b"), (["-", "-"], "1")], policy="COLLECT")),
        entry(None, literal("count(hits) + sum(hits)"))), "number"),
    "rule order": (context(entry("hits", table_of(["a"], [(["> 0"], "1"), (["-"], "2")], policy="RULE ORDER")), entry(None, literal("hits[1]"))), "number"),
    "counted with default": (table_of(["a"], [(["> 20"], "1"), (["> 40"], "2")], policy="COLLECT", aggregation="COUNT", default="7"), "number"),
    "any": (table_of(["a"], [(["> 5"], "1"), (["< 20"], "1"), (["> 60"], "2")], policy="ANY"), "number"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BOXES))
def test_boxes_agree(name: str) -> None:
    boxed, kind = BOXES[name]
    model = model_of(INPUTS, {"x": boxed}, types=TYPES, result=kind, more=[SCALED])
    program = columnar.compile(model, "x")
    assert program.reasons == []
    assert_agree(program, ROWS)


@pytest.mark.parametrize(
    ("boxed", "why"),
    [
        (table_of(["a"], [(["-"], "1")], policy="OUTPUT ORDER", values="1"), "the hit policy OUTPUT ORDER"),
        (
            table_of(["a"], [(["-"], "a")], policy="PRIORITY", values="1"),
            "PRIORITY with outputs that differ by row",
        ),
        (literal("endless(a)"), "a function that calls itself"),
        (literal("outside(a)"), "an external function"),
        (m.Literal(text="a", language="https://example.org/Python"), "an expression that is no FEEL"),
        (m.Filter(source=child("[1, a]"), match=m.Child(value=context())), "a boxed filter"),
        (literal("if p then {x: a} else {y: a}"), "two contexts with different entries"),
        (literal("if p then a else k"), "a number or a string, by a condition"),
        (literal("[1, a][item = 1][b]"), ""),
        (literal("sum(for i in 1..1000 return i * a)"), "a loop of 1000 steps"),
        (literal("sum(for i in 1..b return i)"), "ends that differ by row"),
        (literal("for i in [1, 2] return partial[1]"), "`partial`"),
        (literal("[a..b]"), "a range as a value"),
    ],
)
def test_boxes_that_are_refused(boxed: m.Boxed, why: str) -> None:
    model = model_of(INPUTS, {"x": boxed}, types=TYPES, result=None, more=[ENDLESS, OUTSIDE])
    program = columnar.compile(model, "x")
    if why:
        assert [where for where, found in program.reasons if why in found] == ["x"], program.reasons
    assert_agree(program, ROWS[:2])


def test_services_agree() -> None:
    model = model_of(INPUTS, {"y": "a + b", "z": "a - b"}, types=TYPES, more=[SERVICE, BOTH])
    user = m.Decision(
        id="user",
        name="user",
        variable=m.Variable(name="user", type_ref="number"),
        information=(m.Requirement(kind="requiredInput", href="#i0"),),
        knowledge=(
            m.Requirement(kind="requiredKnowledge", href="#service"),
            m.Requirement(kind="requiredKnowledge", href="#both"),
        ),
        expression=literal("service(a, 5) + both(1, a).z"),
    )
    elements = tuple(replace(e, knowledge=()) if isinstance(e, m.Decision) else e for e in model.elements)
    program = columnar.compile(replace(model, elements=(*elements, user)), "user")
    assert program.reasons == []
    assert_agree(program, ROWS)


def test_decisions_use_each_other_and_one_reason_is_enough() -> None:
    model = model_of(INPUTS, {"y": "sqrt(a)", "z": "y + 1", "x": "z * 2"}, types=TYPES, result="number")
    program = columnar.compile(model, "x", outputs=["x", "y"])
    assert [where for where, _ in program.reasons] == ["y"]
    assert answers(program, [{**ROWS[0], "a": Decimal(9)}], "rows") == [
        {"x": Decimal(8), "y": Decimal(3), "fault": None}
    ]


def test_a_cycle_is_a_fault_in_every_row() -> None:
    model = model_of(INPUTS, {"y": "a"}, types=TYPES)
    (y,) = model.decisions
    cyclic = replace(y, information=(*y.information, m.Requirement(kind="requiredDecision", href="#d0")))
    elements = tuple(cyclic if e is y else e for e in model.elements)
    program = columnar.compile(replace(model, elements=elements), "y")
    assert all(answer["fault"] for answer in assert_agree(program, ROWS))


def test_overflow_goes_to_the_decimal_rows_and_comes_out_exact() -> None:
    model = model_of({"a": "number", "b": "number"}, {"x": "a * b * a - b"}, result="number")
    program = columnar.compile(model, "x")
    big = Decimal("987654321.01")
    truth = assert_agree(program, [{"a": big, "b": big}, {"a": Decimal("1.5"), "b": Decimal(2)}])
    # Computed with whole numbers: 98765432101 ** 3 / 10 ** 6 - 987654321.01
    assert truth[0]["x"] == Decimal("963418328722759439854859267.516301")
    assert truth[1]["x"] == Decimal("2.5")


def test_sums_that_overflow_go_to_the_decimal_rows() -> None:
    types = "Some: {v: number}\nAll: Some*"
    model = model_of(
        {"all": "All"}, {"x": "sum(for one in all return one.v * one.v * 100)"}, types=types, result="number"
    )
    program = columnar.compile(model, "x")
    assert program.reasons == []
    big = [{"v": Decimal("999999999.99")}] * 4
    assert_agree(program, [{"all": big}, {"all": [{"v": Decimal(2)}]}])


def test_a_builder_knows_what_is_known() -> None:
    b = ir.Builder()
    x = b.value(("x",), -5, 10, None)
    one, zero = b.number(1), b.number(0)
    assert (
        b.add(x, zero)
        is b.add(zero, x)
        is b.sub(x, zero)
        is b.mul(x, one)
        is b.mul(one, x)
        is b.div(x, one)
        is x
    )
    assert b.mul(x, zero) is b.sub(x, x) is b.rest(x, one) is zero
    assert b.max(x, b.number(-9)) is b.min(b.number(99), x) is x
    assert b.min(x, b.number(-9)).constant == -9
    assert b.max(b.number(99), x).constant == 99
    assert b.lt(x, b.number(11)) is b.le(x, x) is b.eq(x, x) is b.either(b.lt(x, one), b.le(one, x)) is b.true
    assert b.eq(x, b.number(11)) is b.both(b.lt(x, one), b.le(one, x)) is b.lt(x, x) is b.false
    assert (
        b.add(one, one).constant,
        b.div(b.number(-7), b.number(2)).constant,
        b.rest(b.number(-7), b.number(2)).constant,
    ) == (2, -4, 1)
    assert b.lookup([4, 4], x).constant == 4
    assert b.lookup([4, 5], b.number(7)).constant == 5
    assert repr(b.add(x, one)) == "%4 = add(%2, %3) [-4..11]".replace("%4", f"%{b.add(x, one).number}")
    assert b.select(b.true, x, one) is b.select(b.lt(x, one), x, x) is x
    with pytest.raises(Refusal, match="62 bits"):
        b.number(2**62 + 1)
    with pytest.raises(Refusal, match="looked at together"):
        b.add(b.value(("y", "v"), 0, 1, ("y",)), b.value(("z", "v"), 0, 1, ("z",)))
    with pytest.raises(Refusal, match="may have more than 62 bits"):
        b.sum(("y",), 2**60, b.value(("y", "w"), 0, 9, ("y",)))


def test_reachable_keeps_the_order() -> None:
    b = ir.Builder()
    x = b.value(("x",), 0, 9, None)
    made: Any = b.add(b.mul(x, b.number(3)), x)
    assert [node.op for node in ir.reachable([made, x])] == ["value", "const", "mul", "add"]


TYPED = {
    ("if a > 5 then k else null", "Kind"): True,
    ('if a > 5 then "A" else "Z"', "Kind"): True,
    ("a / 100", "Rate"): True,
    ("a", "Rate"): True,
    ("r", "Rate"): True,
    ("{low: a, high: b}", "Pair"): True,
    ("{low: a}", "Pair"): False,
    ("[a]", "number"): True,
    ("count([a, b])", "number"): True,
    ("a", "string"): False,
    ("[a, b]", "number"): False,
    ('k + "x"', "Kind"): False,
    ("a", "Pair"): False,
    ("7", "Rate"): True,
    ("0.5", "Rate"): True,
    ("null", "Kind"): True,
}


@pytest.mark.parametrize(("text", "kind"), list(TYPED))
def test_declared_types_agree(text: str, kind: str) -> None:
    program = columnar.compile(model_of(INPUTS, {"x": text}, types=TYPES, result=kind), "x")
    assert_agree(program, ROWS)
    assert not program.reasons or not TYPED[text, kind]


def test_types_of_arguments_agree() -> None:
    kinds = (m.Variable(name="x", type_ref="Rate"), m.Variable(name="list", type_ref="Rates"))
    narrow = m.KnowledgeModel(
        id="narrow",
        name="narrow",
        variable=m.Variable(name="narrow", type_ref="Rate"),
        logic=m.FunctionDefinition(parameters=kinds, body=literal("x + max(list)"), type_ref="number"),
    )
    types = TYPES + "Rates: Rate*"
    for text in ("narrow(r, [r, 0.5])", "narrow(r, r)", "narrow(a, [])", "narrow(a / 100, [1, b])"):
        model = model_of(INPUTS, {"x": text}, types=types, result="number", more=[narrow])
        program = columnar.compile(model, "x")
        assert program.reasons == []
        assert_agree(program, ROWS)


def test_lists_of_members_are_checked_too() -> None:
    types = "Age: number = [0..120]\nPerson: {age: Age; name: string}\nPeople: Person*\nAdult: number = >= 18\nAdults: Adult*"
    inputs = {"people": "People"}
    people = [[30, 40], [17, 20], [], [130, 20], [None, 18]]
    rows = [{"people": [{"age": age, "name": "x"} for age in ages]} for ages in people]
    for text in ("count(all)", "max(all)"):
        model = model_of(
            inputs,
            {"x": context(entry("all", literal("people.age"), "Adults"), entry(None, literal(text)))},
            types=types,
            result="number",
        )
        program = columnar.compile(model, "x", ranges={"people.age": (0, 120, 0)})
        assert program.reasons == []
        assert_agree(program, rows)


def test_boxed_loops_over_members_agree() -> None:
    types = "Person: {age: number; pay: number}\nPeople: Person*"
    made = {
        "sum": context(
            entry("pays", m.For(variable="p", source=child("people"), result=child("p.pay * 2"))),
            entry(None, literal("sum(pays)")),
        ),
        "none": m.For(variable="p", source=child("null"), result=child("p")),
    }
    rows = [{"people": [{"age": Decimal(3), "pay": Decimal(4)}] * n} for n in (0, 1, 3)]
    model = model_of({"people": "People"}, {"x": made["sum"]}, types=types, result="number")
    program = columnar.compile(model, "x")
    assert program.reasons == []
    assert_agree(program, rows)
    some = m.Quantified(
        quantifier="some", variable="p", source=child("people"), satisfies=child("p.pay > p.age")
    )
    assert_agree(
        columnar.compile(model_of({"people": "People"}, {"x": some}, types=types, result="boolean"), "x"),
        rows,
    )
    nothing = context(entry("all", made["none"]), entry(None, literal("count(all)")))
    assert_agree(
        columnar.compile(model_of({"people": "People"}, {"x": nothing}, types=types, result="number"), "x"),
        rows,
    )


LOOPS = {
    "sum(for a in people return count(people[age < a.age]))": "two loops over the same members",
    "sum(for a in people return count(others[age < a.age]))": "are looked at together",
    "sum(for a in people return a.age / a.pay)": "divisors that differ by member",
    "max(for a in people return a.age / 3)": "members' fractions",
    "min(people.name)": "of values of type string",
    "sum(people.name)": "`sum` of values of type string",
    "people[age > 3][2].age": "other than the first or last",
    "sum(people[age].pay)": "a position that differs by element",
    "count(concatenate(people, []))": "`concatenate` of members",
    "count(append(people, null))": "`append` to members",
    "product(people.age)": "the product of a list",
    "count(if people[1].age > 3 then people else others)": "two different lists",
    "count(for a in [1, 2], p in people return p.age)": "members and another list",
}


@pytest.mark.parametrize("text", list(LOOPS))
def test_loops_that_are_refused_say_why(text: str) -> None:
    types = "Person: {age: number; pay: number; name: string}\nPeople: Person*"
    model = model_of({"people": "People", "others": "People"}, {"x": text}, types=types, result="number")
    program = columnar.compile(model, "x")
    ((where, why),) = program.reasons
    assert where == "x"
    assert LOOPS[text] in why


def test_a_list_within_a_list_is_refused() -> None:
    types = "Job: {pay: number}\nJobs: Job*\nPerson: {jobs: Jobs}\nPeople: Person*"
    model = model_of({"people": "People"}, {"x": "count(people)"}, types=types, result="number")
    program = columnar.compile(model, "x")
    assert program.reasons == [("people", "the column people.jobs: a list within a list")]
    rows = [{"people": [{"jobs": [{"pay": Decimal(1)}]}]}]
    assert answers(program, rows, "rows") == [{"x": Decimal(1), "fault": None}]
