"""What the compiler says of a wrong model, word for word with its line, and how the decision then decides."""

from __future__ import annotations

import pytest

from commonweal.engines import dmn
from commonweal.engines.dmn.boxed import MAX_DEPTH
from commonweal.engines.dmn.compile import checked
from commonweal.engines.dmn.errors import DmnError, ModelError

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def compiled(body: str) -> dmn.CompiledModel:
    """A model whose body begins on line 2."""
    text = f'<definitions xmlns="{NAMESPACE}" name="m" namespace="urn:m">\n{body}</definitions>'
    return dmn.compile(dmn.read(text.encode()))


def lit(text: str, more: str = "") -> str:
    return f"<literalExpression{more}><text>{text}</text></literalExpression>"


def decision(expression: str, variable: str = '<variable name="d"/>') -> str:
    return f'<decision id="d" name="d">{variable}\n{expression}</decision>'


CELL = '<input><inputExpression><text>{}</text></inputExpression></input><output name="o"/>\n<rule><inputEntry><text>{}</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>'
JAVA = '<functionDefinition kind="{}"><context>{}</context></functionDefinition>'
ENTRY = '<contextEntry><variable name="{}"/>{}</contextEntry>'


@pytest.mark.parametrize(
    ("body", "problems", "warnings"),
    [
        (
            decision(lit("1 +")),
            ["line 3: error: d: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision(lit("nobody")),
            ["line 3: error: d: 'nobody': nothing is called `nobody` here [unknown-name]"],
            ["unknown-name: nothing is called `nobody` here"],
        ),
        (
            decision("<literalExpression expressionLanguage='urn:basic'><text>1</text></literalExpression>"),
            ["line 3: error: d: the language 'urn:basic' is not FEEL [language]"],
            ["model: d: the language 'urn:basic' is not FEEL"],
        ),
        (
            decision("<literalExpression><importedValues/></literalExpression>"),
            ["line 3: error: d: imported values are not supported [imported-values]"],
            ["model: d: imported values are not supported"],
        ),
        (
            decision(f"<context>{ENTRY.format('a', lit('1'))}\n{ENTRY.format('a', lit('2'))}</context>"),
            ["line 4: error: d: the entry 'a' appears twice [name-twice]"],
            [],
        ),
        (
            decision(f"<context>\n{ENTRY.format('a', lit('1 +'))}</context>"),
            ["line 4: error: d.a: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d.a: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision(f"<context>\n<contextEntry>{lit('1 +')}</contextEntry></context>"),
            ["line 4: error: d: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision(f"<relation><column name='a'/>\n<row>{lit('1')}{lit('2')}</row></relation>"),
            ["line 4: error: d: a row has 2 cells for 1 columns [ragged]"],
            [],
        ),
        (
            decision(f"<relation><column name='a'/>\n<row>{lit('1 +')}</row></relation>"),
            ["line 4: error: d.a: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d.a: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision(f"<relation><column name='a' typeRef='number'/><row>{lit('&quot;x&quot;')}</row></relation>"),
            [],
            ['conversion: d: "x" is not of type number'],
        ),
        (
            decision(JAVA.format("PMML", "")),
            ["line 3: error: d: a function of kind PMML that is not described [external]"],
            ["external: d: a function of kind PMML cannot be called"],
        ),
        (
            decision(JAVA.format("Java", ENTRY.format("class", lit("&quot;x&quot;")))),
            ["line 3: error: d: a function of kind Java that is not described [external]"],
            ["external: d: a function of kind Java cannot be called"],
        ),
        (
            decision(f"<filter><in>{lit('[1]')}</in>\n<match/></filter>"),
            ["line 3: error: d: a filter needs a match [filter]"],
            ["model: d: the filter has no match"],
        ),
        (
            decision(f"<filter><in>{lit('[1]')}</in>\n<match>{lit('1 +')}</match></filter>"),
            [
                "line 4: error: d: 'list of the filter[\\n1 +\\n]': line 3, column 2: expected an expression but found the end [syntax]"
            ],
            ["syntax: d: line 3, column 2: expected an expression but found the end"],
        ),
        (
            decision(f"<conditional><if>{lit('5')}</if><then>{lit('1')}</then><else>{lit('2')}</else></conditional>"),
            [],
            ["condition: d: the condition is 5, neither true nor false"],
        ),
        (
            decision(lit("&quot;x&quot;"), '<variable name="d" typeRef="number"/>'),
            [],
            ['conversion: d: "x" is not of type number'],
        ),
        (
            decision(lit("1"), '<variable name="d" typeRef="tNone"/>'),
            ["error: d: d: no type 'tNone'; its values are not checked [unknown-type]"],
            [],
        ),
        (
            decision(lit("1", " typeRef='tNone'")),
            ["error: d: d: no type 'tNone'; its values are not checked [unknown-type]"],
            [],
        ),
        (
            '<itemDefinition name="t"><itemComponent name="a"><typeRef>tNone</typeRef></itemComponent></itemDefinition>'
            + decision(lit("{a: 1}"), '<variable name="d" typeRef="t"/>'),
            ["error: t.a: t.a: no type 'tNone'; its values are not checked [unknown-type]"],
            [],
        ),
        (
            '<itemDefinition name="t"><functionItem outputTypeRef="tNone"><parameters name="p" typeRef="tLess"/></functionItem></itemDefinition>'
            + decision(lit("null"), '<variable name="d" typeRef="t"/>'),
            [
                "error: t: t: no type 'tLess'; its values are not checked [unknown-type]",
                "error: t: t: no type 'tNone'; its values are not checked [unknown-type]",
            ],
            [],
        ),
        (
            '<itemDefinition name="t"><typeRef>number</typeRef><allowedValues><text>1 +</text></allowedValues></itemDefinition>'
            + decision(lit("1"), '<variable name="d" typeRef="t"/>'),
            ["error: t: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["conversion: d: 1 is not of type t"],
        ),
        (
            decision("<decisionTable>" + CELL.format("1 +", "-", "1") + "</decisionTable>"),
            ["line 3: error: d, input '1 +': '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d, input '1 +': line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision("<decisionTable>" + CELL.format("1", "&lt;", "1") + "</decisionTable>"),
            ["line 4: error: d, rule 1: '<': line 1, column 2: expected an expression but found the end [syntax]"],
            ["syntax: d, rule 1: line 1, column 2: expected an expression but found the end"],
        ),
        (
            decision("<decisionTable>" + CELL.format("1", "-", "1 +") + "</decisionTable>"),
            ["line 4: error: d, rule 1: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d, rule 1: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision(
                "<decisionTable>\n<input><inputExpression><text>1</text></inputExpression>"
                "<inputValues><text>1 +</text></inputValues></input><output name='o'/></decisionTable>"
            ),
            ["line 4: error: d, input '1': '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            [
                "syntax: d, input '1': line 1, column 4: expected an expression but found the end",
                "input-values: d, input '1': 1 is not one of the values allowed",
            ],
        ),
        (
            decision(
                "<decisionTable>\n<output><outputValues><text>1 +</text></outputValues></output>\n"
                "<rule><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
            ),
            ["line 4: error: d, output values: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            [
                "syntax: d, output values: line 1, column 4: expected an expression but found the end",
                "output-values: d, rule 1: 1 is not one of the outputs allowed",
            ],
        ),
        (
            decision(
                "<decisionTable><output><defaultOutputEntry><text>1 +</text></defaultOutputEntry></output></decisionTable>"
            ),
            ["error: d, default: '1 +': line 1, column 4: expected an expression but found the end [syntax]"],
            ["syntax: d, default: line 1, column 4: expected an expression but found the end"],
        ),
        (
            decision("<decisionTable hitPolicy='COLLECT' aggregation='SUM'><output name='a'/><output name='b'/></decisionTable>"),
            ["line 3: error: d: SUM cannot collect several outputs [hit-policy]"],
            [],
        ),
        (
            decision("<decisionTable hitPolicy='COLLECT' aggregation='COUNT'><output name='a'/><output name='b'/></decisionTable>"),
            [],
            [],
        ),
        (
            decision("<decisionTable><output name='a'/><output name='a'/></decisionTable>"),
            ["line 3: error: d: several outputs need different names [output-names]"],
            [],
        ),
        (
            decision("<decisionTable><output name='a'/><output/></decisionTable>"),
            ["line 3: error: d: several outputs need different names [output-names]"],
            [],
        ),
        (
            decision("<decisionTable hitPolicy='PRIORITY'><output name='a'/></decisionTable>"),
            [
                "line 3: error: d: the hit policy PRIORITY needs the order of the outputs: give output values [hit-policy]"
            ],
            [],
        ),
        (
            decision("<decisionTable hitPolicy='OUTPUT ORDER'><output name='a'/><output name='b'/></decisionTable>"),
            [
                "line 3: error: d: the hit policy OUTPUT ORDER needs the order of the outputs: give output values [hit-policy]"
            ],
            [],
        ),
        (
            '<decision id="d" name="d"><variable name="d"/>'
            '<informationRequirement><requiredDecision href="#d"/></informationRequirement>' + lit("1") + "</decision>",
            None,
            ["cycle: d depends on itself"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once_with_its_line(
    body: str, problems: list[str] | None, warnings: list[str]
) -> None:
    model = compiled(body)

    if problems is not None:
        assert [str(problem) for problem in model.problems] == problems
    said = model.decide("d", {}).warnings
    assert list(dict.fromkeys(f"{warning.code}: {warning.message}" for warning in said)) == warnings


def test_the_place_of_an_entry_keeps_those_around_it() -> None:
    inner = f"<context>{ENTRY.format('b', lit('1 +'))}</context>"

    (problem,) = compiled(decision(f"<context>{ENTRY.format('a', inner)}</context>")).problems

    assert problem.place == "d.a.b"


def test_boxes_may_lie_so_deep_and_no_deeper() -> None:
    def nested(depth: int) -> list[str]:
        body = "<list>" * (depth - 1) + lit("1") + "</list>" * (depth - 1)
        return [str(problem) for problem in compiled(decision(body + "")).problems]

    assert nested(MAX_DEPTH) == []
    assert nested(MAX_DEPTH + 1) == [
        f"line 3: error: d: boxed expressions lie more than {MAX_DEPTH} deep [limit]"
    ]
    many = "<list>" + "<list/>" * (2 * MAX_DEPTH) + "</list>"
    assert compiled(decision(many)).problems == []


def test_the_strict_way_says_all_errors_at_once() -> None:
    model = compiled(decision(lit("1 +")) + '<decision name="e">' + lit("2 +") + "</decision>")

    with pytest.raises(ModelError) as caught:
        checked(model)

    assert str(caught.value) == "line 3: " + "\n".join(str(problem) for problem in model.problems)
    assert caught.value.line == 3
    sound = compiled(decision(lit("1")))
    assert checked(sound) is sound


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda model: model.decide("x", {}), "no decision 'x'; there are: d"),
        (lambda model: model.invoke("x", {}), "no decision service 'x'; there are: none"),
        (lambda model: model.call("x", {}), "no knowledge model 'x'; there are: none"),
    ],
)
def test_an_unknown_name_is_answered_with_those_there_are(ask: object, message: str) -> None:
    assert callable(ask)
    with pytest.raises(DmnError) as caught:
        ask(compiled(decision(lit("1"))))

    assert str(caught.value) == message


def test_a_name_is_found_however_it_is_blanked() -> None:
    model = compiled('<decision name="two words">' + lit("1") + "</decision>")

    assert model.decide("two \n words", {}).value == 1


def test_a_circle_is_told_whole_with_the_line_of_its_first() -> None:
    def asks(name: str, other: str) -> str:
        needed = f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        return f'<decision id="{name}" name="{name}"><variable name="{name}"/>{needed}{lit("1")}</decision>\n'

    model = compiled(asks("a", "b") + asks("b", "c") + asks("c", "b") + asks("d", "nobody"))

    assert [str(problem) for problem in model.problems] == [
        "line 5: error: d: it requires '#nobody', which is not in the model [unknown-reference]",
        "line 3: error: b: it depends on itself: b → c → b [cycle]",
    ]
    assert model.decide("d", {}).value == 1
    assert [warning.message for warning in model.decide("a", {}).warnings] == [
        "c depends on itself",
        "b depends on itself",
    ]


def test_functions_that_call_each_other_in_a_circle_cannot_be_called() -> None:
    def function(name: str, other: str) -> str:
        needed = f'<knowledgeRequirement><requiredKnowledge href="#{other}"/></knowledgeRequirement>'
        logic = f"<encapsulatedLogic>{lit('1')}</encapsulatedLogic>"
        return f'<businessKnowledgeModel id="{name}" name="{name}">{logic}{needed}</businessKnowledgeModel>\n'

    needed = '<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>'
    asked = f'<decision id="d" name="d"><variable name="d"/>{needed}{lit("f()")}</decision>'
    found = compiled(function("f", "g") + function("g", "f") + asked).decide("d", {})

    assert (found.value, [f"{w.code}: {w.message}" for w in found.warnings]) == (
        None,
        ["cycle: f depends on itself"],
    )
