"""A small law for the tests: what a household pays for its bins."""

from __future__ import annotations

from commonweal.engines import columnar, dmn

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="Bins" namespace="urn:bins" id="bins">
  <itemDefinition name="Percent"><typeRef>number</typeRef>
    <allowedValues><text>[0..100]</text></allowedValues></itemDefinition>
  <itemDefinition name="Person">
    <itemComponent name="age"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="income"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition name="Home">
    <itemComponent name="rooms"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="has_garden"><typeRef>boolean</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition name="People" isCollection="true"><typeRef>Person</typeRef></itemDefinition>
  <itemDefinition name="Answer">
    <itemComponent name="fee"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="kind"><typeRef>string</typeRef></itemComponent>
  </itemDefinition>
  <inputData id="home" name="Home"><variable name="Home" typeRef="Home"/></inputData>
  <inputData id="people" name="People"><variable name="People" typeRef="People"/></inputData>
  <inputData id="discount" name="Discount"><variable name="Discount" typeRef="Percent"/></inputData>
  <inputData id="rate" name="Rate"><variable name="Rate" typeRef="number"/></inputData>
  <decision id="flat" name="Flat fee"><variable name="Flat fee" typeRef="number"/>
    <informationRequirement><requiredInput href="#home"/></informationRequirement>
    <informationRequirement><requiredInput href="#discount"/></informationRequirement>
    <informationRequirement><requiredInput href="#rate"/></informationRequirement>
    <literalExpression><text>Home.rooms * Rate * (100 - Discount) / 100
      + (if Home.has_garden then 5 else 0)</text></literalExpression>
  </decision>
  <decision id="answer" name="Answer"><variable name="Answer" typeRef="Answer"/>
    <informationRequirement><requiredDecision href="#flat"/></informationRequirement>
    <informationRequirement><requiredInput href="#people"/></informationRequirement>
    <context>
      <contextEntry><variable name="fee" typeRef="number"/><literalExpression>
        <text>Flat fee + sum(for one in People return if one.age &gt;= 18 then 1.5 else 0)</text>
      </literalExpression></contextEntry>
      <contextEntry><variable name="kind" typeRef="string"/><literalExpression>
        <text>if sum(People.income) &lt; 1000 then "social" else "full"</text>
      </literalExpression></contextEntry>
    </context>
  </decision>
</definitions>
"""
CONSTANTS = {"Rate": 3}


def model():
    return dmn.checked(dmn.compile(dmn.read(MODEL.encode())))


def program(decision="Answer", **options):
    return columnar.compile(model(), decision, constants=CONSTANTS, **options)


def person(age, income=0):
    return {"age": age, "income": income}


def row(number, *, rooms=2, garden=False, people=None, discount=0):
    home = {"rooms": rooms, "has_garden": garden}
    return {
        "id": number,
        "Home": home,
        "People": people or [person(40, 2000)],
        "Discount": discount,
        "town": "A",
    }


def rows(many):
    return [
        row(
            at,
            rooms=at % 7,
            garden=at % 3 == 0,
            people=[person(10 + at % 40, at)] * (at % 4),
            discount=at % 50,
        )
        for at in range(many)
    ]
