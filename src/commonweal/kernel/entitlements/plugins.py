"""The section ``eligibility``, and the way to the check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from commonweal.engines.feel import ANY, BOOLEAN, Expression, Type
from commonweal.kernel.base import clock
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.prepared import Question
from commonweal.kernel.base.rules import anyone, is_resident
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.decisions.types import CompiledDecision
from commonweal.kernel.entitlements.loading import FILE, read_suggestions, shared_questions
from commonweal.kernel.entitlements.queries import SUGGEST, agreement_asked, suggestions
from commonweal.kernel.entitlements.types import CompiledEligibility, EligibilitySource
from commonweal.kernel.forms.types import CompiledForm
from commonweal.kernel.ledger.actions import record_access

navigation.register(
    NavigationItem("entitlements", "portal", _("What can I get?"), "entitlements:check", 15, anyone)
)


def _suggested(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the home of a resident shows of suggestions; nothing for anybody else, or who acts for another."""
    actor: Actor = getattr(request, "actor", Actor.guest())
    if not is_resident(actor) or actor.on_behalf_of:
        return None
    now = clock.now()
    found = suggestions(actor, at=now, language=translation.get_language() or "")
    if found is None:
        return None
    if found.is_agreed:
        record_access(actor, actor.person_ids, SUGGEST, at=now)
    return {"found": found, "said": json.dumps(found.answers)}


def _looked_up(actor: Actor) -> list[Question]:
    return [] if actor.on_behalf_of else agreement_asked(actor)


slots.register(PageSlot("suggestions", _suggested, _looked_up))


@folder_checks.register
class SuggestionsCheck(FolderCheck):
    """``suggestions.yaml`` names questions of the check, in FEEL that compiles."""

    key: ClassVar[str] = "suggestions"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the file."""
        return read_suggestions(root)[1]


@sections.register
class EligibilitySection(Section):
    """What the common check needs to forecast a service's decision."""

    key: ClassVar[str] = "eligibility"
    schema: ClassVar[type[BaseModel]] = EligibilitySource
    order: ClassVar[int] = 380

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledEligibility | None:
        """Compile the expressions over the answers of the check; None where the jurisdiction has none."""
        if source is None:
            return None
        shared, problems = shared_questions(compilation.root)
        if shared is None:
            message = f"The jurisdiction has no questions for the check that can be read: {problems[0]}"
            compilation.problems.append(
                source.problem((), "eligibility.questions", message, f"Write {FILE}.", is_error=False)
            )
            return None
        return _Compiler(source, compilation, shared).compile()


class _Compiler:
    """One section on its way."""

    def __init__(self, source: Source, compilation: Compilation, shared: CompiledForm) -> None:
        self.source, self.compilation, self.shared = source, compilation, shared

    def compile(self) -> CompiledEligibility | None:
        spec: EligibilitySource = self.source.value
        decision = self.compilation.compiled.get("decision")
        form = self.compilation.compiled.get("form")
        if not isinstance(decision, CompiledDecision) or not isinstance(form, CompiledForm):
            if not any(problem.is_error for problem in self.compilation.problems):
                message = "There is nothing to forecast: the service has no form or no decision."
                self._problem((), "nothing", message)
            return None
        concerns = self._feel(spec.concerns, ("concerns",), BOOLEAN) if spec.concerns else None
        if spec.concerns and not spec.otherwise:
            self._problem(
                ("concerns",), "otherwise", "Say in 'otherwise' why the service is for somebody else."
            )
        known = {name: type_ for name, type_ in decision.fact_scope.names.items() if name != "case"}
        questions = {question.key: form.scope.names[question.key] for question in form.questions}
        same = {
            name: type_ for name, type_ in questions.items() if self.shared.scope.names.get(name) == type_
        }
        return CompiledEligibility(
            spec=spec,
            shared=self.shared,
            concerns=concerns,
            assume=self._each("assume", {**{name: name for name in same}, **spec.assume}, known),
            at_worst=self._each("at_worst", spec.at_worst, known),
            carry=self._each("carry", {**{name: name for name in same}, **spec.carry}, questions),
        )

    def _each(self, part: str, texts: Mapping[str, str], known: Mapping[str, Type]) -> dict[str, Expression]:
        found = {}
        for name, text in texts.items():
            if name not in known:
                message = f"The service knows no '{name}'."
                self._problem((part, name), "name", message, closest(name, list(known)))
                continue
            expression = self._feel(text, (part, name), known[name])
            if expression is not None:
                found[name] = expression
        return found

    def _feel(self, text: str, path: tuple[str, ...], expects: Type) -> Expression | None:
        return compile_feel(
            text,
            self.shared.scope,
            source=self.source,
            path=path,
            compilation=self.compilation,
            expects=expects if path[0] == "concerns" else ANY,
            is_loose=True,
        )

    def _problem(self, path: tuple[str, ...], code: str, message: str, hint: str = "") -> None:
        self.compilation.problems.append(self.source.problem(path, f"eligibility.{code}", message, hint))
