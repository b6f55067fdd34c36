"""The section ``proactive``, and what a case knows and tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from pydantic import BaseModel

from commonweal.engines.feel import ANY, BOOLEAN, Expression, Scope, Type
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.cases.queries import compile_look_ups
from commonweal.kernel.cases.registry import CaseFact, CaseNotice, Notice, case_facts, case_notices
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.forms.types import CompiledForm
from commonweal.kernel.proactive.queries import offer_of_sheet, section_of
from commonweal.kernel.proactive.types import CompiledProactive, ProactiveSource

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

_NAMES = {"applicant": ANY, "award": ANY}


@sections.register
class ProactiveSection(Section):
    """Whom the government need not ask; FEEL then knows ``offered``."""

    key: ClassVar[str] = "proactive"
    schema: ClassVar[type[BaseModel]] = ProactiveSource
    order: ClassVar[int] = 250

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledProactive | None:
        """Compile the expressions, and let the service's own name ``offered``."""
        if source is None:
            return None
        spec: ProactiveSource = source.value
        compilation.names["offered"] = ANY
        scope = Scope({**_NAMES, **dict.fromkeys(spec.look_ups, ANY)})

        def compiled(text: str, path: tuple[str, ...], expects: Type = ANY) -> Expression | None:
            return compile_feel(
                text,
                scope,
                source=source,
                path=path,
                compilation=compilation,
                expects=expects,
                is_loose=True,
            )

        look_ups = compile_look_ups(spec.look_ups, scope, source, ("look_ups",), compilation)
        when, once = compiled(spec.when, ("when",), BOOLEAN), compiled(spec.once, ("once",))
        answers = {name: compiled(text, ("answers", name)) for name, text in spec.answers.items()}
        if when is None or once is None:
            return None
        return CompiledProactive(
            spec, look_ups, when, {name: one for name, one in answers.items() if one is not None}, once
        )

    def check(
        self, compiled: CompiledProactive | None, source: Source | None, compilation: Compilation
    ) -> None:
        """Complain about a service that is not there, questions that the form does not ask, and what only an officer decides."""
        if compiled is None or source is None:
            return
        services = sorted(path.parent.name for path in compilation.root.glob("services/*/service.yaml"))
        if compiled.spec.award not in services:
            message = f"There is no service '{compiled.spec.award}' whose awards could be looked at."
            compilation.problems.append(
                source.problem(("award",), "proactive.award", message, closest(compiled.spec.award, services))
            )
        form = compilation.compiled.get("form")
        asked = [question.key for question in form.questions] if isinstance(form, CompiledForm) else []
        for name in compiled.spec.answers:
            if name not in asked:
                message, hint = f"The form asks no '{name}'.", closest(name, asked)
                compilation.problems.append(
                    source.problem(("answers", name), "proactive.question", message, hint)
                )
        stages = compilation.compiled.get("stages")
        if stages is not None and "decide" not in [stage.kind for stage in stages.stages]:
            message = "Nothing is ever granted unasked: the law never decides by itself."
            hint = "Add a stage of kind 'decide'."
            compilation.problems.append(source.problem((), "proactive.stage", message, hint))


class OfferedFact(CaseFact):
    """What FEEL sees as ``offered``."""

    key = "offered"
    section = "proactive"

    def value(self, case: Case) -> Any:
        """Return the period and the legal basis of what was granted unasked; None where somebody applied."""
        found = offer_of_sheet(case.sheet_id)
        section = section_of(catalogue.compiled(case.version_id)) if found is not None else None
        if found is None or section is None:
            return None
        return {"once": found.once, "legal_basis": section.spec.legal_basis}


case_facts.register(OfferedFact)


class OfferedNotice(CaseNotice):
    """That somebody need do nothing, and can say no."""

    key = "proactive.offered"
    section = "proactive"

    def notice(self, case: Case) -> Notice | None:
        """Return what to tell whoever did not apply."""
        found = offer_of_sheet(case.sheet_id)
        service = catalogue.compiled(case.version_id)
        section = section_of(service)
        if found is None or section is None:
            return None
        again = reverse("catalogue:service", kwargs={"key": case.service_key})
        if found.declined_at is not None:
            return Notice(
                _("You said no to this. You can apply at any time."), again, _("About this service")
            )
        award = awards.award_of_case(case.stream)
        if award is None or not award.is_running:
            return None
        says = service.translator(translation.get_language() or "")(section.spec.says)
        text = _("You did not have to apply for this. %(why)s (%(law)s)") % {
            "why": says,
            "law": section.spec.legal_basis,
        }
        href = reverse("proactive:decline", kwargs={"reference": case.reference})
        return Notice(text, href, _("I do not want it"))


case_notices.register(OfferedNotice)
