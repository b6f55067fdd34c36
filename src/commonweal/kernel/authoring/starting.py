"""What a new service begins with: a small folder that compiles, for its author to change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from commonweal.kernel.base.dates import sent_day
from commonweal.kernel.base.errors import Invalid

COMPARISONS = ("at_least", "at_most")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
_FACT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance",
        "of",
        "true",
        "false",
        "null",
        "function",
    ]
)

_SERVICE = """\
# What the service is. Change every line that is not true of it.
key: {key}
name: {name}
summary: {summary}
description: {summary}
agency: {agency}
audience: Everybody who lives here.
legal_basis:
  - citation: Name the article of law
    title: Say what the article is about
channels:
  - kind: online
cost:
  - amount: 0
    description: It is free.
output:
  - name: {name}
processing:
  description: You get an answer at once.
  working_days: 0
languages: [{language}]
purpose:
  description: We use your answers only for this service.
  legal_basis: Name the article of law
  kept_for: One year after our answer.

# What happens, from the application to the answer.
stages:
  team: {team}
  answer_within: {{working_days: 10}}
  retention: {{years: 1, legal_basis: Name the article of law}}
  steps:
    - {{key: apply, kind: form, label: You apply}}
    - {{key: letter, kind: letter, label: You get a letter, options: {{letter: answer}}}}
    - {{key: done, kind: close, label: Done}}
"""

_FORM = """\
# The questions, one topic a page.
pages:
  - key: reach
    title: How we reach you
    questions:
      - key: email
        type: email
        label: E-mail address
        short: your e-mail address
        autocomplete: email
        prefill: email
"""

_LETTER = """\
---
subject: {name}
summary: We have got your application.
---
Dear {{{{ recipient.name }}}},

we have got your application. Your reference is {{{{ case.reference }}}}.
"""


def new_service(
    *, key: str, name: str, summary: str, agency: str, language: str, team: str
) -> dict[str, str]:
    """Return the files of a new service, which asks for an e-mail address and answers with a letter.

    Args:
        key: Of the service.
        name: As residents know it.
        summary: One or two sentences.
        agency: Key of the agency answerable.
        language: The main language.
        team: Key of the team that works on it.
    """
    said = {"name": json.dumps(name, ensure_ascii=False), "summary": json.dumps(summary, ensure_ascii=False)}
    return {
        "service.yaml": _SERVICE.format(key=key, agency=agency, language=language, team=team, **said),
        "form.yaml": _FORM,
        "letters/answer.md": _LETTER.format(name=said["name"]),
    }


_FIGURES = """\
# The figures of the law, each with its days and where the law says so.
programme: {key}
name: {name}
summary: {summary}
parameters:
  {figure}:
    label: {label}
    unit: {unit}
    entries:
      - {{from: {day}, known_from: {day}, reference: {reference}, value: {value}}}
"""

_RULES = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="law" name={name} namespace="urn:law:{key}:{day}">
  <itemDefinition name="Outcome"><typeRef>string</typeRef><allowedValues><text>"GRANTED", "REFUSED"</text></allowedValues></itemDefinition>
  <itemDefinition name="Law">
    <itemComponent name="{figure}"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition name="Applicant">
    <itemComponent name="{fact}"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <itemDefinition name="Determination">
    <itemComponent name="outcome"><typeRef>Outcome</typeRef></itemComponent>
  </itemDefinition>
  <knowledgeSource id="source" name={reference}/>
  <inputData id="law_figures" name="law"><variable name="law" typeRef="Law"/></inputData>
  <inputData id="applicant" name="Applicant"><variable name="Applicant" typeRef="Applicant"/></inputData>
  <decision id="outcome" name="Outcome" label={label}>
    <description>{summary}</description>
    <variable name="Outcome" typeRef="Outcome"/>
    <informationRequirement><requiredInput href="#applicant"/></informationRequirement>
    <informationRequirement><requiredInput href="#law_figures"/></informationRequirement>
    <authorityRequirement><requiredAuthority href="#source"/></authorityRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input id="looked_at" label={looks}><inputExpression typeRef="boolean"><text>{test}</text></inputExpression></input>
      <output id="result" typeRef="Outcome"/>
      <annotation name={why}/>
      <rule id="granted">
        <inputEntry><text>true</text></inputEntry>
        <outputEntry><text>"GRANTED"</text></outputEntry>
        <annotationEntry><text>{fits}</text></annotationEntry>
      </rule>
      <rule id="refused">
        <inputEntry><text>false</text></inputEntry>
        <outputEntry><text>"REFUSED"</text></outputEntry>
        <annotationEntry><text>{misses}</text></annotationEntry>
      </rule>
    </decisionTable>
  </decision>
  <decision id="determination" name="Determination">
    <variable name="Determination" typeRef="Determination"/>
    <informationRequirement><requiredDecision href="#outcome"/></informationRequirement>
    <context>
      <contextEntry><variable name="outcome" typeRef="Outcome"/>
        <literalExpression><text>Outcome</text></literalExpression></contextEntry>
    </context>
  </decision>
</definitions>
"""

_CASES = """\
# Worked cases: facts in, the answer that is right out. The law is published only while all come out as written.
decision: Determination
cases:
  - id: C1
    note: {on}
    reference_on: {day}
    facts: {{Applicant: {{{fact}: {value}}}}}
    expected: {{outcome: GRANTED}}
  - id: C2
    note: {beyond}
    reference_on: {day}
    facts: {{Applicant: {{{fact}: {other}}}}}
    expected: {{outcome: REFUSED}}
"""


def wrong_in_law(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with what somebody typed about a new law, by field."""
    wrong = {
        field: _("Write it in one line of at most 300 characters.")
        for field in ("name", "summary", "reference", "label")
        if not _is_line(sent.get(field, "").strip())
    }
    if not _is_line(sent.get("unit", "").strip(), most=40):
        wrong["unit"] = _("Say in what it is counted, for example years or USD/month.")
    if not _NUMBER.fullmatch(sent.get("value", "").strip()):
        wrong["value"] = _("Enter a number, for example 18 or 24.50.")
    fact = sent.get("fact", "").strip()
    if not _FACT.fullmatch(fact) or fact in _RESERVED:
        wrong["fact"] = _("Use small letters, digits and low lines, such as age.")
    if sent.get("compare", "") not in COMPARISONS:
        wrong["compare"] = _("Choose how they are compared.")
    try:
        if sent_day(sent, "from") is None:
            wrong["from"] = _("Enter the first day on which the law counts.")
    except Invalid as error:
        wrong["from"] = str(error.fields["from"])
    return wrong


def _is_line(text: str, *, most: int = 300) -> bool:
    return 0 < len(text) <= most and text.isprintable()


def new_law(key: str, sent: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a new law: a figure, a table that compares a fact with it, two worked cases.

    Args:
        key: Of the law.
        sent: What was typed, as :func:`wrong_in_law` found it right.
    """
    typed = {name: sent[name].strip() for name in ("name", "summary", "reference", "label", "unit", "fact")}
    value, is_least = sent["value"].strip(), sent["compare"] == "at_least"
    day = sent_day(sent, "from")
    figure = re.sub(r"[^a-z0-9]+", "_", typed["label"].lower(), flags=re.ASCII).strip("_")[:59]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", figure):
        figure = "figure"
    whole, _point, digits = value.partition(".")
    other = f"{int(whole) + 1}.{digits}".rstrip(".")
    if is_least:
        value, other = (
            (value, f"{int(whole) - 1}.{digits}".rstrip(".")) if int(whole) else (value, f"-{other}")
        )
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in typed.items()}
    names = {"fact": typed["fact"], "value": value, "label": typed["label"]}
    fits, misses = (_("At least as much as the law says."), _("Less than the law says."))
    if not is_least:
        fits, misses = (_("Not more than the law says."), _("More than the law says."))
    rules = _RULES.format(
        key=key,
        day=day,
        figure=figure,
        fact=typed["fact"],
        name=quoteattr(typed["name"]),
        reference=quoteattr(typed["reference"]),
        label=quoteattr(typed["name"]),
        summary=escape(typed["summary"]),
        looks=quoteattr(typed["label"]),
        why=quoteattr(_("Why")),
        test=escape(f"Applicant.{typed['fact']} {'>=' if is_least else '<='} law.{figure}"),
        fits=escape(fits),
        misses=escape(misses),
    )
    cases = _CASES.format(
        day=day,
        fact=typed["fact"],
        value=value,
        other=other,
        on=json.dumps(_("%(fact)s is %(value)s: just enough") % names, ensure_ascii=False),
        beyond=json.dumps(_("one too few, or too many"), ensure_ascii=False),
    )
    return {
        "parameters.yaml": _FIGURES.format(
            key=key,
            day=day,
            figure=figure,
            value=value,
            **{name: quoted[name] for name in ("name", "summary", "label", "unit", "reference")},
        ),
        f"{day}.dmn": rules,
        "cases.yaml": cases,
        "summary.md": f"{typed['summary']}\n",
    }
