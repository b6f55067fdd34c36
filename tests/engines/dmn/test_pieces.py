"""What tables, boxes and functions make of values and types where a model is unusual."""

from __future__ import annotations

from decimal import Decimal

import pytest

from commonweal.engines import dmn
from commonweal.engines.dmn.check import check
from commonweal.engines.dmn.facts import blank, fill_unknown, value_of
from commonweal.engines.feel.types import ANY, DATE, NUMBER, STRING, ContextType, ListType, Type
from commonweal.engines.feel.unknown import UNKNOWN

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def compiled(body: str) -> dmn.CompiledModel:
    return dmn.compile(
        dmn.read(f'<definitions xmlns="{NAMESPACE}" name="m" namespace="urn:m">{body}</definitions>'.encode())
    )


def lit(text: str, more: str = "") -> str:
    return f"<literalExpression{more}><text>{text}</text></literalExpression>"


def fact(name: str, type_ref: str = "number") -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


def needs(*names: str) -> str:
    return "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in names
    )


def decision(expression: str, *names: str, type_ref: str = "") -> str:
    kind = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<decision id="d" name="d"><variable name="d"{kind}/>{needs(*names)}{expression}</decision>'


def warned(result: dmn.Result) -> list[str]:
    return [f"{warning.code}: {warning.message}" for warning in result.warnings]


# ---- tables ------------------------------------------------------------------------------

TABLE = (
    "<decisionTable{}><input><inputExpression{}><text>age</text></inputExpression></input>"
    "<output name='o'{}>{}</output><rule><inputEntry><text>&gt; 5</text></inputEntry>"
    "<outputEntry><text>{}</text></outputEntry></rule></decisionTable>"
)


def test_an_output_computes_with_the_facts_and_is_converted() -> None:
    model = compiled(fact("age") + decision(TABLE.format("", "", ' typeRef="number"', "", "age * 2"), "age"))

    assert model.decide("d", {"age": 6}).value == Decimal(12)
    assert model.decide("d", {"age": 6}, trace=True).value == Decimal(12)
    assert model.decide("d", {"age": 5}).value is None


def test_an_output_of_another_type_is_null_with_a_warning() -> None:
    model = compiled(fact("age") + decision(TABLE.format("", "", ' typeRef="string"', "", "age"), "age"))

    found = model.decide("d", {"age": 6})

    assert (found.value, warned(found)) == (None, ["conversion: d, rule 1: 6 is not of type string"])


def test_an_input_of_another_type_is_null_with_a_warning() -> None:
    text = TABLE.format("", ' typeRef="number"', "", "", "1")
    model = compiled(fact("age", "Any") + decision(text, "age"))

    found = model.decide("d", {"age": "old"})

    assert (found.value, warned(found)) == (
        None,
        ["conversion: d, input 'age': \"old\" is not of type number"],
    )


def test_outputs_outside_those_declared_are_null_with_a_warning() -> None:
    values = "<outputValues><text>1, 2</text></outputValues>"
    model = compiled(fact("age") + decision(TABLE.format("", "", "", values, "age"), "age"))

    found = model.decide("d", {"age": 6})

    assert (found.value, warned(found)) == (
        None,
        ["output-values: d, rule 1: 6 is not one of the outputs allowed"],
    )


def test_values_outside_those_declared_are_named() -> None:
    text = 'F,input,output\nname,kind,fee\ntype,string,number\nvalues,"""a""",\n1,-,3\n'
    model = dmn.compile(dmn.model_of(dmn.from_csv(text), "t"))

    found = model.decide("t", {"kind": "b"})

    assert warned(found) == ["input-values: t, input 'kind': \"b\" is not one of the values allowed"]
    assert found.value == 3


def test_a_default_computes_with_the_facts() -> None:
    default = "<defaultOutputEntry><text>age + 1</text></defaultOutputEntry>"
    model = compiled(fact("age") + decision(TABLE.format("", "", ' typeRef="number"', default, "0"), "age"))

    assert model.decide("d", {"age": 2}).value == Decimal(3)
    assert model.decide("d", {"age": 7}).value == Decimal(0)


@pytest.mark.parametrize(
    ("more", "output", "cell", "expected"),
    [
        ("", "", "1", "number"),
        ("", " typeRef='string'", "null", "string"),
        (" hitPolicy='COLLECT'", "", "1", "list<number>"),
        (" hitPolicy='RULE ORDER'", "", "1", "list<number>"),
        (" hitPolicy='COLLECT' aggregation='SUM'", "", "1", "Any"),
        (" hitPolicy='FIRST'", "", "age", "number"),
    ],
)
def test_the_type_of_a_table_is_that_of_its_outputs(more: str, output: str, cell: str, expected: str) -> None:
    model = compiled(fact("age") + decision(TABLE.format(more, "", output, "", cell), "age"))

    (node,) = [node for node in model.graph.nodes if node.name == "d"]
    assert str(model.types[node.index]) == expected


def test_a_table_with_a_default_may_give_one_value_in_place_of_a_list() -> None:
    default = "<defaultOutputEntry><text>0</text></defaultOutputEntry>"
    text = TABLE.format(" hitPolicy='COLLECT'", "", "", default, "1")
    model = compiled(fact("age") + decision(text, "age"))

    assert str(model.types[next(n.index for n in model.graph.nodes if n.name == "d")]) == "number"
    assert model.decide("d", {"age": 7}).value == [Decimal(1)]
    assert model.decide("d", {"age": 1}).value == Decimal(0)


def test_outputs_without_names_get_numbers_and_other_words_in_a_trace() -> None:
    table = (
        "<decisionTable outputLabel='the fee'><output label='Fee'/><output/>"
        "<rule><outputEntry><text>1</text></outputEntry><outputEntry><text>2</text></outputEntry></rule></decisionTable>"
    )
    found = compiled(decision(table)).decide("d", {}, trace=True)

    assert found.value == {"output 1": Decimal(1), "output 2": Decimal(2)}
    assert found.trace is not None
    assert found.trace.tables()[0].table.outputs == ("Fee", "the fee")


@pytest.mark.parametrize(("reference", "expected"), [("typeRef='t'", 2), ("", None)])
def test_the_order_of_outputs_may_be_that_of_a_type(reference: str, expected: int | None) -> None:
    allowed = "<allowedValues><text>2, 1</text></allowedValues>"
    types = f"<itemDefinition name='t'><typeRef>number</typeRef>{allowed}</itemDefinition>"
    rules = "".join(f"<rule><outputEntry><text>{n}</text></outputEntry></rule>" for n in (1, 2))
    for table, output in ((reference, ""), ("", reference)):
        body = (
            f"<decisionTable hitPolicy='PRIORITY' {table}><output name='o' {output}/>{rules}</decisionTable>"
        )
        model = compiled(types + decision(body))
        assert [p.kind for p in model.problems] == ([] if expected else ["hit-policy"])
        assert model.decide("d", {}).value == Decimal(expected or 1)


# ---- boxes -------------------------------------------------------------------------------


def child(kind: str, text: str) -> str:
    return f"<{kind}>{lit(text)}</{kind}>"


EVERY = "<{0} iteratorVariable='i'>{1}{2}</{0}>"


@pytest.mark.parametrize(
    ("quantifier", "source", "condition", "expected"),
    [
        ("some", "[]", "true", False),
        ("every", "[]", "false", True),
        ("some", "[1, 2]", "i &gt; 2", False),
        ("every", "[1, 2]", "i &gt; 0", True),
        ("some", "[1, 2]", "if i = 1 then null else true", True),
        ("every", "[1, 2]", "if i = 1 then null else false", False),
        ("some", "[1, 2]", "if i = 1 then null else false", None),
        ("every", "[1, 2]", "if i = 1 then true else null", None),
        ("some", "null", "true", None),
        ("some", "[1..3]", "i = 3", True),
    ],
)
def test_boxed_quantifiers_follow_the_logic_of_three_values(
    quantifier: str, source: str, condition: str, expected: object
) -> None:
    body = EVERY.format(quantifier, child("in", source), child("satisfies", condition))

    assert compiled(decision(body)).decide("d", {}).value is expected


@pytest.mark.parametrize(
    ("quantifier", "condition", "expected"),
    [
        ("some", "i &gt; age", UNKNOWN),
        ("some", "i &gt; age or i = 2", True),
        ("every", "i &gt; age", UNKNOWN),
        ("every", "i &gt; age and i = 1", False),
        ("some", "if i = 1 then i &gt; age else null", UNKNOWN),
        ("some", "if i = 1 then null else i &gt; age", UNKNOWN),
    ],
)
def test_boxed_quantifiers_know_what_is_settled_already(
    quantifier: str, condition: str, expected: object
) -> None:
    body = EVERY.format(quantifier, child("in", "[1, 2]"), child("satisfies", condition))
    model = compiled(fact("age") + decision(body, "age"))

    assert model.decide("d", {}, unknown=True).value is expected


def test_unknown_elements_make_boxed_iterations_unknown() -> None:
    for body in (
        EVERY.format("some", child("in", "ages"), child("satisfies", "true")),
        f"<for iteratorVariable='i'>{child('in', 'ages')}{child('return', 'i')}</for>",
        f"<filter>{child('in', 'ages')}<match><context><contextEntry>{lit('true')}</contextEntry></context></match></filter>",
        f"<filter>{child('in', 'ages')}{child('match', 'item &gt; 1')}</filter>",
    ):
        model = compiled(fact("ages", "Any") + decision(body, "ages"))
        assert model.decide("d", {}, unknown=True).value is UNKNOWN, body


def test_a_boxed_filter_in_doubt_about_an_element_is_unknown() -> None:
    match = f"<context><contextEntry>{lit('item &gt; age')}</contextEntry></context>"
    model = compiled(
        fact("age") + decision(f"<filter>{child('in', '[1, 2]')}<match>{match}</match></filter>", "age")
    )

    assert model.decide("d", {}, unknown=True).value is UNKNOWN
    assert model.decide("d", {"age": 1}).value == [Decimal(2)]


def test_a_boxed_iteration_over_nothing_is_null() -> None:
    model = compiled(decision(f"<for iteratorVariable='i'>{child('in', 'null')}{child('return', 'i')}</for>"))

    assert model.decide("d", {}).value is None


def test_a_boxed_condition_in_doubt_is_settled_where_both_ways_agree() -> None:
    def box(then: str, otherwise: str) -> dmn.CompiledModel:
        body = f"<conditional>{child('if', 'age &gt; 1')}{child('then', then)}{child('else', otherwise)}</conditional>"
        return compiled(fact("age") + fact("kind") + decision(body, "age", "kind"))

    assert box("sqrt(4)", "2").decide("d", {}, unknown=True).value == Decimal(2)
    assert box("1", "2").decide("d", {}, unknown=True).value is UNKNOWN
    assert box("kind", "kind").decide("d", {}, unknown=True).value is UNKNOWN
    failed = box("sqrt(-1)", "null").decide("d", {}, unknown=True)
    assert (failed.value, warned(failed)) == (
        None,
        ["arithmetic: a negative number has no square root"],
    )


def test_boxed_lists_and_relations_have_types() -> None:
    for body, expected in (
        (f"<list>{lit('1')}{lit('2')}</list>", "list<number>"),
        (f"<list>{lit('1')}{lit('&quot;a&quot;')}</list>", "list<Any>"),
        ("<list/>", "list<Any>"),
        (f"<relation><column name='a' typeRef='number'/><row>{lit('1')}</row></relation>", "list<context<a: number>>"),
        (f"<for iteratorVariable='i'>{child('in', '[1]')}{child('return', 'i &gt; 1')}</for>", "list<boolean>"),
        (EVERY.format("some", child("in", "[1]"), child("satisfies", "true")), "boolean"),
        (f"<conditional>{child('if', 'true')}{child('then', '1')}{child('else', '2')}</conditional>", "number"),
        (f"<functionDefinition><formalParameter name='x' typeRef='number'/>{lit('x &gt; 1')}</functionDefinition>", "function<number> -> boolean"),
    ):  # fmt: skip
        model = compiled(decision(body))
        assert str(model.types[model.graph.nodes[0].index]) == expected


def test_a_boxed_function_sees_what_stood_around_it() -> None:
    function = f"<functionDefinition><formalParameter name='x'/>{lit('x + a')}</functionDefinition>"
    entries = (
        f"<contextEntry><variable name='a'/>{lit('10')}</contextEntry>"
        f"<contextEntry><variable name='f'/>{function}</contextEntry>"
        f"<contextEntry><variable name='b'/>{lit('[f(1), f(2), f(1)]')}</contextEntry>"
        f"<contextEntry>{lit('b')}</contextEntry>"
    )
    model = compiled(decision(f"<context>{entries}</context>"))

    assert model.decide("d", {}).value == [Decimal(11), Decimal(12), Decimal(11)]


def test_an_external_function_takes_the_types_of_its_boxes() -> None:
    described = (
        f"<context><contextEntry><variable name='class'/>{lit('&quot;java.lang.Math&quot;')}</contextEntry>"
        f"<contextEntry><variable name='method signature'/>{lit('&quot;max(double,double)&quot;')}</contextEntry></context>"
    )
    model = compiled(
        "<businessKnowledgeModel id='k' name='larger'><encapsulatedLogic kind='Java'>"
        f"<formalParameter name='a' typeRef='number'/><formalParameter name='b' typeRef='number'/>{described}"
        "</encapsulatedLogic></businessKnowledgeModel>"
        "<decision id='d' name='d'><knowledgeRequirement><requiredKnowledge href='#k'/></knowledgeRequirement>"
        f"{lit('[larger(1, 2), larger(1, &quot;x&quot;)]')}</decision>"
    )

    assert model.problems == []
    assert model.decide("d", {}).value == [Decimal(2), None]
    assert model.call("larger", {"a": 5, "b": 3}).value == Decimal(5)


def test_an_external_function_that_is_not_described_says_so_when_it_is_called() -> None:
    model = compiled(
        "<businessKnowledgeModel id='k' name='k'><encapsulatedLogic kind='PMML'/></businessKnowledgeModel>"
        "<decision id='d' name='d'><knowledgeRequirement><requiredKnowledge href='#k'/></knowledgeRequirement>"
        f"{lit('k()')}</decision>"
    )

    assert [str(p) for p in model.problems] == [
        "line 1: error: k: a function of kind PMML that is not described [external]"
    ]
    found = model.decide("d", {})
    assert (found.value, warned(found)) == (
        None,
        ["external: k: a function of kind PMML cannot be called"],
    )


# ---- functions and services ---------------------------------------------------------------

SERVICE = (
    fact("age")
    + '<decision id="a" name="a"><variable name="a" typeRef="number"/>'
    + needs("age")
    + lit("age + 1")
    + '</decision><decision id="b" name="b">'
    + '<informationRequirement><requiredDecision href="#a"/></informationRequirement>'
    + lit("a * 2")
    + "</decision>"
    '<decisionService id="s" name="s"><variable name="s" typeRef="{}"/><outputDecision href="#b"/>'
    '<inputDecision href="#a"/></decisionService>'
    '<decisionService id="t" name="t"><outputDecision href="#a"/><outputDecision href="#b"/>'
    '<encapsulatedDecision href="#a"/><inputData href="#age"/></decisionService>'
)


def test_a_service_runs_on_what_it_is_given() -> None:
    model = compiled(SERVICE.format("number"))

    assert model.problems == []
    assert model.invoke("s", {"a": 4}).value == Decimal(8)
    assert model.invoke("t", {"age": 4}).value == {"a": Decimal(5), "b": Decimal(10)}
    assert model.invoke("s", {}, unknown=True).missing == ("a",)
    assert model.invoke("s", {"a": 4}, unknown=True).missing == ()
    wrong = model.invoke("s", {"a": "x"})
    assert warned(wrong)[0] == "fact: a: 'x' is not a number"


def test_the_outcome_of_a_service_is_converted_to_its_type() -> None:
    found = compiled(SERVICE.format("string")).invoke("s", {"a": 4})

    assert (found.value, warned(found)) == (None, ["conversion: s: 8 is not of type string"])


def test_functions_have_the_types_of_their_parameters_and_results() -> None:
    model = compiled(
        SERVICE.format("number")
        + '<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="string"/><encapsulatedLogic typeRef="string">'
        '<formalParameter name="n" typeRef="number"/>'
        + lit("string(n)")
        + "</encapsulatedLogic></businessKnowledgeModel>"
        '<businessKnowledgeModel id="l" name="l"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
        + lit("n &gt; 1")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    types = {node.name: str(model.types[node.index]) for node in model.graph.nodes}

    assert types["s"] == "function<number> -> number"
    assert types["t"] == "function<number> -> Any"
    assert types["k"] == "function<number> -> string"
    assert types["l"] == "function<number> -> boolean"
    assert model.call("k", {"n": 3}).value == "3"


def test_a_function_that_calls_itself_without_end_is_stopped() -> None:
    body = (
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        + lit("f(n)")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    with pytest.raises(dmn.LimitError, match="deep"):
        compiled(body).call("f", {"n": 1})


# ---- facts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        ("x", NUMBER, "'x' is not a number"),
        ("soon", DATE, "'soon' is not a date such as 2026-09-15"),
        (object(), ANY, "a object is no FEEL value"),
        (float("nan"), ANY, "nan is not a number that FEEL knows"),
        (float("inf"), NUMBER, "inf is not a number that FEEL knows"),
    ],
)
def test_a_fact_of_no_use_is_named(value: object, type_: Type, message: str) -> None:
    with pytest.raises(dmn.FactError) as caught:
        value_of(value, type_, "a.b")

    assert str(caught.value) == f"a.b: {message}"


def test_a_fact_of_no_use_without_a_path_is_a_value() -> None:
    for value, type_ in ((object(), ANY), ("x", NUMBER)):
        with pytest.raises(dmn.FactError, match=r"^value: "):
            value_of(value, type_)


def test_paths_of_facts_count_from_one() -> None:
    type_ = ContextType((("ages", ListType(NUMBER)),))
    with pytest.raises(dmn.FactError, match=r"^who\.ages\[2\]: 'x' is not a number$"):
        value_of({"ages": ["1", "x"]}, type_, "who")
    with pytest.raises(dmn.FactError, match=r"^ages\[1\]: 'x' is not a number$"):
        value_of({"  ages ": ["x"]}, type_)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_facts_may_lie_a_hundred_deep_and_no_deeper() -> None:
    assert value_of(nested(101)) is not None
    with pytest.raises(dmn.FactError, match="values lie more than 100 deep"):
        value_of(nested(102))
    mapping: object = {}
    for _ in range(101):
        mapping = {"a": mapping}
    with pytest.raises(dmn.FactError, match="values lie more than 100 deep"):
        value_of(mapping)


def deep_type(depth: int) -> Type:
    type_: Type = NUMBER
    for _ in range(depth):
        type_ = ContextType((("a", type_),))
    return type_


def depth_of(value: object) -> int:
    return 1 + depth_of(value["a"]) if isinstance(value, dict) else 0


def test_what_nobody_gave_is_filled_in_so_deep_and_no_deeper() -> None:
    assert depth_of(blank(deep_type(50))) == 50
    assert depth_of(blank(deep_type(300))) == 101
    assert depth_of(fill_unknown({}, deep_type(300))) == 101
    assert fill_unknown({"a": {}}, deep_type(2)) == {"a": {"a": UNKNOWN}}
    assert fill_unknown([{}], ListType(ContextType((("b", STRING),)))) == [{"b": UNKNOWN}]
    assert fill_unknown({}, NUMBER) == {}
    assert blank(ContextType(())) is UNKNOWN


# ---- check -------------------------------------------------------------------------------


def test_findings_carry_the_line_of_their_table_or_rule() -> None:
    def table(policy: str, *rules: str) -> str:
        cells = "\n".join(
            f"<rule><inputEntry><text>{test}</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
            for test in rules
        )
        clause = "<input><inputExpression typeRef='number'><text>age</text></inputExpression></input><output name='o'/>"
        return f"\n<decisionTable hitPolicy='{policy}'>{clause}\n{cells}</decisionTable>"

    def lines(policy: str, *rules: str) -> list[tuple[str, int | None]]:
        return [
            (p.kind, p.line) for p in check(compiled(fact("age") + decision(table(policy, *rules), "age")))
        ]

    assert lines("UNIQUE", "&lt; 5") == [("gap", 2)]
    assert lines("UNIQUE", "-", "5") == [("overlap", 2)]
    assert lines("FIRST", "-", "5") == [("shadowed", 4)]
    assert lines("UNIQUE", "-", "[2..1]") == [("unreachable", 4)]
    assert lines("UNIQUE", "-", "age") == [("not-checked", 2)]


def test_an_input_that_nothing_requires_is_named_with_its_line() -> None:
    (found,) = check(compiled("\n" + fact("age")))

    assert str(found) == "line 2: note: age: no decision requires this input [unused-input]"
    assert check(compiled(fact("age") + decision(lit("age"), "age"))) == []


def test_a_priority_that_cannot_be_told_shadows_nothing() -> None:
    text = (
        'P,input,output\nname,age,fee\ntype,number,number\nvalues,,"2, 1"\n'
        "1,> 5,1\n2,> 7,age\n3,> 3,2\n4,-,1\n"
    )
    found = [(p.kind, p.rules) for p in check(dmn.model_of(dmn.from_csv(text), "t"))]

    assert found == [("shadowed", (1,))]


def test_a_column_of_many_values_is_told_shortly() -> None:
    words = ", ".join(f'"{word}"' for word in "abcdef")
    text = f"| U | input | input | output |\n|-|-|-|-|\n| name | kind | x | o |\n| type | string | boolean | |\n| 1 | {words} | true | 1 |\n"

    messages = [p.message for p in check(dmn.model_of(dmn.from_markdown(text), "t")) if p.kind == "gap"]

    assert messages == [
        'no rule hits when kind is "a", "b", "c" or one of 3 more and x is false; for example kind = "a", x = false',
        'no rule hits when kind is any other text; for example kind = "any other text", x = true',
    ]


# ---- types -------------------------------------------------------------------------------


def with_import(body: str, types: str, *, prefix: str = "base") -> dmn.CompiledModel:
    base = f'<definitions xmlns="{NAMESPACE}" name="b" namespace="urn:b">{types}</definitions>'.encode()
    head = f'<import name="{prefix}" namespace="urn:b" importType="{NAMESPACE}"/>'
    whole = f'<definitions xmlns="{NAMESPACE}" name="m" namespace="urn:m">{head}{body}</definitions>'.encode()
    return dmn.compile(dmn.read(whole, imports=lambda item: base))


FEE_TYPE = (
    "<itemDefinition name='tFee'><typeRef>number</typeRef><allowedValues><text>2, 1</text></allowedValues></itemDefinition>"
    "<itemDefinition name='tSame'><typeRef>tFee</typeRef></itemDefinition>"
)
BY_PRIORITY = (
    "<decisionTable hitPolicy='PRIORITY'><output name='o' typeRef='{}'/>"
    "<rule><outputEntry><text>1</text></outputEntry></rule><rule><outputEntry><text>2</text></outputEntry></rule>"
    "</decisionTable>"
)


@pytest.mark.parametrize(("prefix", "name"), [("base", "base.tFee"), ("base", "base.tSame"), ("", "tFee")])
def test_the_order_of_outputs_may_be_that_of_an_imported_type(prefix: str, name: str) -> None:
    model = with_import(decision(BY_PRIORITY.format(name)), FEE_TYPE, prefix=prefix)

    assert model.problems == []
    assert model.decide("d", {}).value == Decimal(2)


@pytest.mark.parametrize(("prefix", "name"), [("base", "base.tNone"), ("", "tNone"), ("base", "tFee")])
def test_an_imported_model_without_the_type_is_a_problem(prefix: str, name: str) -> None:
    model = with_import(decision(lit("1"), type_ref=name), FEE_TYPE, prefix=prefix)

    assert [p.message for p in model.problems] == [f"d: no type '{name}'; its values are not checked"]
    assert model.decide("d", {}).value == Decimal(1)


def test_a_type_of_another_namespace_is_found_behind_its_prefix() -> None:
    model = compiled(FEE_TYPE + decision(lit("3"), type_ref="my:tFee"))

    assert model.problems == []
    assert warned(model.decide("d", {})) == ["conversion: d: 3 is not of type tFee"]


@pytest.mark.parametrize("text", ["-", "  ", ""])
def test_a_constraint_that_says_nothing_constrains_nothing(text: str) -> None:
    allowed = f"<allowedValues><text>{text}</text></allowedValues>"
    types = f"<itemDefinition name='t'><typeRef>number</typeRef>{allowed}</itemDefinition>"

    assert compiled(types + decision(lit("3"), type_ref="t")).decide("d", {}).value == Decimal(3)


def test_a_constraint_on_a_list_looks_at_the_whole() -> None:
    types = (
        "<itemDefinition name='t' isCollection='true'><typeRef>number</typeRef>"
        "<allowedValues><text>&gt; 0</text></allowedValues>"
        "<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>"
    )

    def given(text: str) -> object:
        return compiled(types + decision(lit(text), type_ref="t")).decide("d", {}).value

    assert given("[1, 2]") == [Decimal(1), Decimal(2)]
    assert given("[1]") is None
    assert given("[1, 0]") is None


def test_two_types_may_name_each_other() -> None:
    types = (
        "<itemDefinition name='tA'><itemComponent name='b'><typeRef>tB</typeRef></itemComponent></itemDefinition>"
        "<itemDefinition name='tB'><itemComponent name='a'><typeRef>tA</typeRef></itemComponent></itemDefinition>"
    )
    model = compiled(types + fact("x", "tA") + decision(lit("x.b.a = null"), "x"))

    assert model.problems == []
    assert model.decide("d", {"x": {"b": {"a": None}}}).value is True
    assert warned(model.decide("d", {"x": {"b": {"a": 5}}}))[0].startswith("conversion: x: ")


# ---- cells that the check sees through, or not -------------------------------------------


@pytest.mark.parametrize(
    ("cell", "gap"),
    [
        ("[1..5], > 5", "< 1"),
        ("? >= 1", "< 1"),
        ("1 <= ?", "< 1"),
        ("not(? < 1)", "< 1"),
        ("? >= 1 or ? = 0", None),
        ("? between 1 and 5, > 5", "< 1"),
        ("? in [1..5], > 5", "< 1"),
        ("? in (>= 1, 0)", None),
        (">= 0.5 + 0.5", "< 1"),
        ('[range("[1..5]")], > 5', "< 1"),
    ],
)  # fmt: skip
def test_a_cell_of_constants_is_seen_through(cell: str, gap: str | None) -> None:
    text = f"| U | input | output |\n|-|-|-|\n| name | x | o |\n| type | number | |\n| 1 | {cell} | 1 |\n"

    found = check(dmn.model_of(dmn.from_markdown(text), "t"))

    assert {p.kind for p in found} == {"gap"}, [str(p) for p in found]
    if gap is not None:
        assert [p.message for p in found] == [f"no rule hits when x is {gap}; for example x = 0"]


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        ("number", "? + 1 > 2", "it compares the input with something computed from it"),
        ("number", "? = ?", "it compares the input with something computed from it"),
        ("number", "odd(?)", "it computes with the input"),
        ("number", "? + 1 between 2 and 3", "it computes with the input"),
        ("number", "limit", "it depends on 'limit'"),
        ("number", "> limit", "it depends on 'limit'"),
        ("number", "today().day", "its value is not constant"),
        ("string", '< "m"', "it orders texts"),
        ("string", '["a".."m"]', "it orders texts"),
        ("string", '? between "a" and "m"', "it orders texts"),
        ("boolean", "> true", "it orders texts"),
    ],
)
def test_a_cell_that_is_no_comparison_with_constants_is_named(kind: str, cell: str, reason: str) -> None:
    rows = f"| type | {kind} | number | |\n| 1 | {cell} | - | 1 |\n| 2 | - | 1 | 2 |\n"
    text = f"| U | input | input | output |\n|-|-|-|-|\n| name | x | limit | o |\n{rows}"

    found = [p for p in check(dmn.model_of(dmn.from_markdown(text), "t")) if p.kind == "not-checked"]

    assert [(p.message, p.rules, p.is_error) for p in found] == [
        (f"rule 1 is not checked: x: '{cell}': {reason}", (1,), False)
    ]


@pytest.mark.parametrize(
    ("kind", "cells", "reason"),
    [
        ("", ["1", '"a"'], "its cells hold values of different kinds"),
        ("", ["{}", "{a: 1}"], "its values have no order"),
        ("number", ['"a"', "1"], "its cells hold values of different kinds"),
        ("time", ['@"10:00:00Z"', '> @"10:00:00Z"'], "its times have time zones"),
    ],
)
def test_a_column_that_cannot_be_cut_is_named(kind: str, cells: list[str], reason: str) -> None:
    rows = "".join(f"| {n} | {cell} | {n} |\n" for n, cell in enumerate(cells, 1))
    text = f"| U | input | output |\n|-|-|-|\n| name | x | o |\n| type | {kind} | |\n{rows}"

    found = [p.message for p in check(dmn.model_of(dmn.from_markdown(text), "t")) if p.kind == "not-checked"]

    assert found == [f"gaps and overlaps are not checked: {reason}"]
