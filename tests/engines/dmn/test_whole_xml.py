"""One document that uses everything the schema knows, and what reading keeps of it.

Source: OMG DMN 1.5, schema DMN15.xsd: names, attributes and the order of the children.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.errors import DmnError
from commonweal.engines.dmn.read_xml import read
from commonweal.engines.dmn.write_xml import write

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"

WHOLE = f"""\
<definitions xmlns="{DMN}" xmlns:v="urn:vendor" id="whole" label="All of it" v:colour="blue" name="whole" namespace="urn:whole"
    expressionLanguage="urn:feel" typeLanguage="urn:types" exporter="By hand" exporterVersion="1.5">
  <description>Everything once.</description>
  <extensionElements><v:kept v:by="all">text</v:kept></extensionElements>
  <import id="i1" name="base" namespace="urn:base" locationURI="base.dmn" importType="{DMN}"/>
  <itemDefinition id="t1" label="Amount" name="tAmount" typeLanguage="urn:types" isCollection="true">
    <typeRef>number</typeRef>
    <allowedValues id="t1a" expressionLanguage="urn:feel"><text>&gt;= 0</text></allowedValues>
    <typeConstraint id="t1b"><text>count(?) &lt; 9</text></typeConstraint>
  </itemDefinition>
  <itemDefinition id="t2" name="tPerson">
    <itemComponent id="t2a" name="name"><typeRef>string</typeRef></itemComponent>
    <itemComponent id="t2b" name="pays" isCollection="true"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition id="t3" name="tFee">
    <functionItem id="t3f" outputTypeRef="number"><parameters id="t3p" name="age" typeRef="number"/></functionItem>
  </itemDefinition>
  <inputData id="in1" label="Age" name="age"><description>In years.</description>
    <variable id="in1v" name="age" typeRef="number"/></inputData>
  <decision id="d1" name="fee">
    <question>How much?</question>
    <allowedAnswers>An amount</allowedAnswers>
    <variable id="d1v" name="fee" typeRef="number"/>
    <informationRequirement id="d1i"><requiredInput href="#in1"/></informationRequirement>
    <informationRequirement id="d1j"><requiredDecision href="#d2"/></informationRequirement>
    <knowledgeRequirement id="d1k"><requiredKnowledge href="#b1"/></knowledgeRequirement>
    <authorityRequirement id="d1a"><requiredAuthority href="#k1"/></authorityRequirement>
    <supportedObjective href="#o1"/>
    <impactedPerformanceIndicator href="#p1"/>
    <decisionMaker href="#o2"/>
    <decisionOwner href="#o3"/>
    <usingProcess href="#o4"/>
    <usingTask href="#o5"/>
    <decisionTable id="dt" label="Fees" typeRef="number" hitPolicy="COLLECT" aggregation="SUM"
        preferredOrientation="Rule-as-Column" outputLabel="the fee">
      <input id="dti" label="Age">
        <inputExpression id="dtie" typeRef="number" expressionLanguage="urn:feel"><text>age</text></inputExpression>
        <inputValues id="dtiv"><text>[0..120]</text></inputValues>
      </input>
      <output id="dto" label="Fee" name="fee" typeRef="number">
        <outputValues id="dtov"><text>0, 5</text></outputValues>
        <defaultOutputEntry id="dtod"><text>0</text></defaultOutputEntry>
      </output>
      <annotation name="why"/>
      <rule id="r1">
        <description>Grown up.</description>
        <inputEntry id="r1i"><text>&gt;= 18</text></inputEntry>
        <outputEntry id="r1o" typeRef="number"><text>5</text></outputEntry>
        <annotationEntry><text>By-law 7</text></annotationEntry>
      </rule>
    </decisionTable>
  </decision>
  <decision id="d2" name="boxes">
    <context id="c1" typeRef="Any">
      <contextEntry id="c1a">
        <variable id="c1v" name="relation"/>
        <relation id="re" typeRef="Any">
          <column id="rec" name="a" typeRef="number"/>
          <row id="rer"><literalExpression id="ree"><text>1</text></literalExpression></row>
        </relation>
      </contextEntry>
      <contextEntry id="c1b">
        <variable id="c1w" name="called"/>
        <invocation id="iv" typeRef="number">
          <functionDefinition id="fd" typeRef="Any">
            <formalParameter id="fdp" name="x" typeRef="number"/>
            <literalExpression id="fdl" typeRef="number"><text>x</text></literalExpression>
          </functionDefinition>
          <binding><parameter id="ivp" name="x"/><literalExpression id="ivl"><text>4</text></literalExpression></binding>
        </invocation>
      </contextEntry>
      <contextEntry id="c1c">
        <variable id="c1x" name="listed"/>
        <list id="li" typeRef="Any">
          <filter id="fi" typeRef="Any">
            <in id="fin" typeRef="Any"><literalExpression id="finl"><text>[1]</text></literalExpression></in>
            <match id="fim" typeRef="boolean"><literalExpression id="fiml"><text>true</text></literalExpression></match>
          </filter>
          <for id="fo" typeRef="Any" iteratorVariable="i">
            <in id="foi"><literalExpression id="foil"><text>[1]</text></literalExpression></in>
            <return id="for"><literalExpression id="forl"><text>i</text></literalExpression></return>
          </for>
          <every id="ev" typeRef="boolean" iteratorVariable="i">
            <in id="evi"><literalExpression id="evil"><text>[1]</text></literalExpression></in>
            <satisfies id="evs"><literalExpression id="evsl"><text>i = 1</text></literalExpression></satisfies>
          </every>
          <some id="so" typeRef="boolean" iteratorVariable="i">
            <in id="soi"><literalExpression id="soil"><text>[1]</text></literalExpression></in>
            <satisfies id="sos"><literalExpression id="sosl"><text>i = 1</text></literalExpression></satisfies>
          </some>
          <conditional id="co" typeRef="number">
            <if id="coi" typeRef="boolean"><literalExpression id="coil"><text>true</text></literalExpression></if>
            <then id="cot" typeRef="number"><literalExpression id="cotl"><text>1</text></literalExpression></then>
            <else id="coe" typeRef="number"><literalExpression id="coel"><text>2</text></literalExpression></else>
          </conditional>
          <literalExpression id="im" expressionLanguage="urn:other">
            <importedValues namespace="urn:base" importType="urn:other"><importedElement>x</importedElement></importedValues>
          </literalExpression>
        </list>
      </contextEntry>
      <contextEntry id="c1d"><literalExpression id="c1l"><text>called</text></literalExpression></contextEntry>
    </context>
  </decision>
  <businessKnowledgeModel id="b1" name="double">
    <variable id="b1v" name="double" typeRef="tFee"/>
    <encapsulatedLogic id="b1l" kind="Java" typeRef="number">
      <formalParameter id="b1p" name="n" typeRef="number"/>
      <context id="b1c"/>
    </encapsulatedLogic>
    <knowledgeRequirement id="b1k"><requiredKnowledge href="#b2"/></knowledgeRequirement>
    <authorityRequirement id="b1a"><requiredAuthority href="#k1"/></authorityRequirement>
  </businessKnowledgeModel>
  <decisionService id="s1" name="service">
    <variable id="s1v" name="service" typeRef="number"/>
    <outputDecision href="#d1"/>
    <encapsulatedDecision href="#d2"/>
    <inputDecision href="#d3"/>
    <inputData href="#in1"/>
  </decisionService>
  <knowledgeSource id="k1" name="By-law 7" locationURI="https://example.org/7">
    <authorityRequirement id="k1a"><requiredDecision href="#d2"/></authorityRequirement>
    <type>by-law</type>
    <owner href="#o6"/>
  </knowledgeSource>
  <textAnnotation id="ta" textFormat="text/plain"><text>A note.</text></textAnnotation>
  <dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20230324/DMNDI/"><dmndi:DMNDiagram id="di"/></dmndi:DMNDI>
</definitions>
"""


def canonical(xml: str) -> str:
    """XML without what does not count: prefixes, order of attributes, blanks between elements."""
    return ET.canonicalize(xml, strip_text=True, rewrite_prefixes=True)


def nodes(thing: object) -> Iterator[m.Node]:
    """Everything in a model that may carry a line."""
    if isinstance(thing, m.Node):
        yield thing
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from nodes(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for item in thing:
            yield from nodes(item)


def test_nothing_of_the_whole_schema_is_lost() -> None:
    assert canonical(write(read(WHOLE.encode())).decode()) == canonical(WHOLE)


def test_every_element_knows_its_line() -> None:
    lines = WHOLE.splitlines()
    found = {node.id: node.line for node in nodes(read(WHOLE.encode()))}

    slots = {"fin", "fim", "foi", "for", "evi", "evs", "soi", "sos", "coi", "cot", "coe"}  # they hold one
    assert set(found) == set(re.findall(r' id="(\w+)"', WHOLE)) - slots - {"ta", "di"}
    for name, line in found.items():
        assert line is not None, name
        assert f' id="{name}"' in lines[line - 1]


def test_what_is_not_written_is_absent() -> None:
    body = (
        '<itemDefinition name="t"/><inputData name="i"/><businessKnowledgeModel name="b"/>'
        '<decisionService name="s"/><knowledgeSource name="k"/>'
        '<decision name="d"><decisionTable><input><inputExpression/></input><output/>'
        "<rule><inputEntry/><outputEntry/></rule></decisionTable></decision>"
        '<decision name="e"><functionDefinition/></decision><decision name="f"><list/></decision>'
        '<decision name="g"><invocation><binding><parameter name="p"/></binding></invocation></decision>'
        '<decision name="h"><filter><in/><match/></filter></decision><decision name="j"><literalExpression/></decision>'
    )
    model = read(f'<definitions xmlns="{DMN}" name="m" namespace="urn:m">{body}</definitions>'.encode())

    table = m.DecisionTable(
        inputs=(m.InputClause(expression=m.Literal()),),
        outputs=(m.OutputClause(),),
        rules=(m.Rule(tests=(m.UnaryTests(text=""),), outputs=(m.Literal(),)),),
        hit_policy="UNIQUE",
        orientation="Rule-as-Row",
    )
    assert model == m.Model(
        name="m",
        namespace="urn:m",
        item_definitions=(m.ItemDefinition(name="t"),),
        elements=(
            m.InputData(name="i"),
            m.KnowledgeModel(name="b"),
            m.DecisionService(name="s"),
            m.KnowledgeSource(name="k"),
            m.Decision(name="d", expression=table),
            m.Decision(name="e", expression=m.FunctionDefinition(kind="FEEL")),
            m.Decision(name="f", expression=m.BoxedList()),
            m.Decision(
                name="g", expression=m.Invocation(bindings=(m.Binding(parameter=m.Variable(name="p")),))
            ),
            m.Decision(name="h", expression=m.Filter(source=m.Child(), match=m.Child())),
            m.Decision(name="j", expression=m.Literal()),
        ),
    )


def test_names_and_types_lose_the_blanks_and_the_prefix_of_older_versions() -> None:
    older = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
    body = (
        '<import name="  a   b " namespace="urn:b" importType="x"/>'
        '<itemDefinition name=" two  words" isCollection=" 1 "><typeRef> feel:number </typeRef></itemDefinition>'
        '<itemDefinition name="e" isCollection="yes"><typeRef>  </typeRef></itemDefinition>'
        '<decision name="d"><decisionTable typeRef="feel:date  and time"><output name=" the  fee"/>'
        "</decisionTable></decision>"
    )
    model = read(f'<definitions xmlns="{older}" name=" m " namespace="urn:m">{body}</definitions>'.encode())

    assert (model.name, model.imports[0].name) == ("m", "a b")
    assert model.item_definitions == (
        m.ItemDefinition(name="two words", type_ref="number", is_collection=True),
        m.ItemDefinition(name="e"),
    )
    assert model.decisions[0].expression == m.DecisionTable(
        type_ref="date and time", outputs=(m.OutputClause(name="the fee"),)
    )


def test_elements_of_others_are_no_part_of_the_model() -> None:
    body = (
        '<v:decision name="not ours"/><decision name="d"><v:question>no</v:question><v:literalExpression/>'
        "<extensionElements/></decision>"
    )
    model = read(
        f'<definitions xmlns="{DMN}" xmlns:v="urn:v" name="m" namespace="urn:m">{body}</definitions>'.encode()
    )

    assert model.elements == (m.Decision(name="d"),)
    assert len(model.artifacts) == 1


TABLE = "<decision name='d'>\n<decisionTable>\n{}</decisionTable></decision>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<decision/>", "line 2: <decision> lacks its attribute 'name'"),
        ("<import/>", "line 2: <import> lacks its attribute 'namespace'"),
        ('<import namespace="x"/>', "line 2: <import> lacks its attribute 'importType'"),
        ("<itemDefinition/>", "line 2: <itemDefinition> lacks its attribute 'name'"),
        (
            '<decision name="d"><decisionMaker/></decision>',
            "line 2: <decisionMaker> lacks its attribute 'href'",
        ),
        (
            '<decision name="d">\n<informationRequirement/></decision>',
            "line 3: informationRequirement names nothing that is required",
        ),
        (
            '<decision name="d"><informationRequirement>\n<requiredInput/></informationRequirement></decision>',
            "line 3: <requiredInput> lacks its attribute 'href'",
        ),
        (
            '<decisionService name="d">\n<inputData/></decisionService>',
            "line 3: <inputData> lacks its attribute 'href'",
        ),
        (
            '<knowledgeSource name="d">\n<owner/></knowledgeSource>',
            "line 3: <owner> lacks its attribute 'href'",
        ),
        ('<inputData name="a" id="x"/>\n<decision name="b" id="x"/>', "line 3: the id 'x' is used twice"),
        (TABLE.format(""), "line 3: a decision table without an output"),
        (TABLE.format("\n<input/><output/>"), "line 5: an input column without an expression"),
        (
            TABLE.format("<output/>\n<rule><inputEntry/><outputEntry/></rule>"),
            "line 5: rule 1 has 1 tests and 1 outputs; the table has 0 inputs and 1 outputs",
        ),
        (
            TABLE.format("<output/><output/>\n<rule><outputEntry/><outputEntry/></rule>\n<rule><outputEntry/></rule>"),
            "line 6: rule 2 has 0 tests and 1 outputs; the table has 0 inputs and 2 outputs",
        ),
        (
            '<decision name="d">\n<decisionTable hitPolicy="BEST"><output/></decisionTable></decision>',
            "line 3: hitPolicy is 'BEST'; it may be one of UNIQUE, FIRST, PRIORITY, ANY, COLLECT, RULE ORDER, OUTPUT ORDER",
        ),
        (
            '<decision name="d">\n<decisionTable aggregation="AVG"><output/></decisionTable></decision>',
            "line 3: aggregation is 'AVG'; it may be one of SUM, COUNT, MIN, MAX",
        ),
        ('<decision name="d">\n<conditional/></decision>', "line 3: conditional lacks its <if>"),
        ('<decision name="d">\n<conditional><if/></conditional></decision>', "line 3: conditional lacks its <then>"),
        ('<decision name="d"><conditional><if/><then/></conditional></decision>', "line 2: conditional lacks its <else>"),
        ('<decision name="d"><filter/></decision>', "line 2: filter lacks its <in>"),
        ('<decision name="d"><filter><in/></filter></decision>', "line 2: filter lacks its <match>"),
        ('<decision name="d"><for/></decision>', "line 2: <for> lacks its attribute 'iteratorVariable'"),
        ('<decision name="d"><for iteratorVariable="i"/></decision>', "line 2: for lacks its <in>"),
        ('<decision name="d"><for iteratorVariable="i"><in/></for></decision>', "line 2: for lacks its <return>"),
        ('<decision name="d"><some/></decision>', "line 2: <some> lacks its attribute 'iteratorVariable'"),
        ('<decision name="d"><some iteratorVariable="i"/></decision>', "line 2: some lacks its <in>"),
        ('<decision name="d"><every iteratorVariable="i"><in/></every></decision>', "line 2: every lacks its <satisfies>"),
        ('<decision name="d"><invocation>\n<binding/></invocation></decision>', "line 3: a binding without a parameter"),
    ],
)  # fmt: skip
def test_a_wrong_model_is_refused_with_its_line(body: str, message: str) -> None:
    with pytest.raises(DmnError) as caught:
        read(f'<definitions xmlns="{DMN}" name="m" namespace="urn:m">\n{body}</definitions>'.encode())

    assert str(caught.value) == message


def test_a_model_needs_a_name_and_a_namespace() -> None:
    with pytest.raises(DmnError, match="line 1: <definitions> lacks its attribute 'name'"):
        read(f'<definitions xmlns="{DMN}" namespace="urn:m"/>'.encode())
    with pytest.raises(DmnError, match="line 1: <definitions> lacks its attribute 'namespace'"):
        read(f'<definitions xmlns="{DMN}" name="m"/>'.encode())
