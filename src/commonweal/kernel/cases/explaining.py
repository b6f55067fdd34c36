"""Turns what decided a case into what its pages show: the few steps that decided, or every step under headings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from markupsafe import Markup

from commonweal.kernel.base.templates import drawn, money
from commonweal.kernel.base.types import Json
from commonweal.kernel.catalogue.types import CompiledService
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Grounds, Heading, LawCitation, Reason, Step, StepGroup


def grounds_shown(grounds: Grounds, language: str) -> dict[str, Any]:
    """Return what decided a case for the component that draws it."""
    return {
        "sentences": grounds.sentences,
        "tests": [_reason(one, language) for one in grounds.tests],
        "figures": [_reason(one, language) for one in grounds.figures],
        "more": grounds.more,
        "has_steps": grounds.has_steps,
    }


def _reason(reason: Reason, language: str) -> dict[str, Any]:
    return {
        "title": reason.label,
        "result": reason.value,
        "text": reason.why,
        "how": reason.how,
        "facts": reason.facts,
        "law": _places(reason.citations, language) if reason.citations else "",
    }


def step_groups(groups: Iterable[StepGroup], language: str) -> list[dict[str, Any]]:
    """Return every step of a decision under headings, for the components that draw them."""
    titles = {
        Heading.CONDITIONS: _("What the law looked at"),
        Heading.OUTCOME: _("The outcome"),
        Heading.BESIDE: _("Also worked out"),
        Heading.UNKNOWN: _("What we did not need to know"),
    }
    return [
        {
            "title": titles.get(group.heading, group.title),
            "text": _("These figures did not change the decision.")
            if group.heading is Heading.BESIDE
            else "",
            "steps": explanation_steps(group.steps, language) if group.heading is not Heading.UNKNOWN else [],
            "names": [step.label for step in group.steps] if group.heading is Heading.UNKNOWN else [],
        }
        for group in groups
    ]


def explanation_steps(steps: Iterable[Step], language: str) -> list[dict[str, Any]]:
    """Return the explanation of a decision for the component that draws it.

    A key of the law that nobody gave words to says less than the note of its rule, which then stands alone.
    """
    return [
        {
            "title": step.label,
            "result": None if step.is_code and step.rule else step.value,
            "how": step.how or step.rule,
            "rule": _rule_and_law(step.why, step.citations, language),
            **({"outcome": step.tone} if step.tone == "unknown" else {}),  # a "no" is not bad by itself
        }
        for step in steps
    ]


@lru_cache(maxsize=4096)
def _rule_and_law(why: str, citations: tuple[LawCitation, ...], language: str) -> Markup:
    """Return what a step folds open to: the same in every case that one law decides, so it is drawn once."""
    with override(language):
        return drawn("explanation", "rule_and_law", text=why, law=law_links(citations))


@lru_cache(maxsize=4096)
def _places(citations: tuple[LawCitation, ...], language: str) -> Markup:
    """Return where the law says something, without the titles of its articles; drawn once likewise."""
    short = [
        {"text": citation.text} | ({"href": citation.url} if citation.url else {}) for citation in citations
    ]
    with override(language):
        return drawn("explanation", "rule_and_law", text="", law=short)


def statement(
    service: CompiledService, result: Json, steps: tuple[Step, ...], language: str
) -> dict[str, Any] | None:
    """Return the figures of a decision as a table, for its component; None where there is none to show."""
    spec = decisions.decision_of(service).spec.statement
    figures = decisions.statement_of(service, result, steps) if spec is not None else ()
    if spec is None or not figures:
        return None
    translate = service.translator(language)
    return {
        "title": translate(spec.title),
        "lines": [
            {
                "label": translate(figure.label),
                "amount": money(figure.amount),
                "is_total": figure.is_total,
                "law": [
                    {"text": citation.text} | ({"href": citation.url} if citation.url else {})
                    for citation in figure.citations
                ],
            }
            for figure in figures
        ],
    }


def law_links(citations: tuple[LawCitation, ...]) -> list[dict[str, str]]:
    """Return citations for the components that draw them."""
    return [
        {"text": f"{citation.text}{': ' if citation.title else ''}{citation.title}"}
        | ({"href": citation.url} if citation.url else {})
        for citation in citations
    ]
