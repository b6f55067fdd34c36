"""What somebody may be entitled to; nothing of it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from commonweal.engines.feel import (
    UNKNOWN,
    Evaluation,
    Expression,
    FeelError,
    Value,
    contains_unknown,
    to_value,
)
from commonweal.kernel.awards import queries as awards
from commonweal.kernel.base.clock import local
from commonweal.kernel.base.expressions import new_evaluation
from commonweal.kernel.base.jurisdiction import root, wordings
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.rules import is_resident
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases import queries as cases
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import Service
from commonweal.kernel.catalogue.types import CompiledService, Translator
from commonweal.kernel.decisions.queries import foreseen, outcomes_of
from commonweal.kernel.decisions.types import Foreseen, Outcome
from commonweal.kernel.entitlements.errors import NoCheck
from commonweal.kernel.entitlements.loading import shared_questions, suggestions_of, translator
from commonweal.kernel.entitlements.models import Agreement
from commonweal.kernel.entitlements.types import (
    CompiledEligibility,
    CompiledSuggestions,
    Prospect,
    Suggestion,
    Suggestions,
    Verdict,
)
from commonweal.kernel.forms import queries as forms
from commonweal.kernel.forms.types import Answers, CompiledForm
from commonweal.kernel.people import queries as people
from commonweal.kernel.registers import queries as registers

_ORDER = {verdict: at for at, verdict in enumerate(Verdict)}
_MOST_NAMED = 6
_agreement_of = Prepared(lambda: Agreement.objects.filter(person=Given("person")).order_by("agreed_at")[:1])
SUGGEST = "suggest what people may be entitled to"


@dataclass(frozen=True)
class Check:
    """A check on its way: the questions, the services, the answers so far.

    Attributes:
        form: The questions.
        services: Those that are looked at.
        answers: Stored answers by question.
        at: When.
        language: The reader's.
    """

    form: CompiledForm
    services: tuple[Service, ...]
    answers: Answers
    at: datetime
    language: str

    @property
    def translate(self) -> Translator:
        """What puts the questions into the reader's language."""
        return translator(root(), self.language)

    def prospects(self) -> list[Prospect]:
        """Return what can be said of each service: likely ones first, unlikely ones last."""
        values = forms.loose_facts(self.form, self.answers, at=self.at)
        found = [_prospect(service, values, self.at, self.language) for service in self.services]
        return sorted(found, key=lambda prospect: _ORDER[prospect.verdict])


def begin_check(answers: Mapping[str, Any], *, at: datetime, language: str, service: str = "") -> Check:
    """Return a check with what was said so far; what cannot be read counts as not said.

    Args:
        answers: By question, as stored or as the API takes them.
        at: When.
        language: The reader's.
        service: Key of the one service to look at; all that can be forecast if left out.

    Raises:
        NoCheck: There is nothing to check.
        ServiceNotFound: No such service is offered.
    """
    form, _problems = shared_questions(root())
    services = (
        [catalogue.offered_service(service, language)] if service else catalogue.live_services(language)
    )
    ready = tuple(each for each in services if _eligibility(each.compiled) and each.status is Status.LIVE)
    if form is None or not ready:
        raise NoCheck
    checked = forms.check_part(form, answers, at=at)
    return Check(form, ready, checked.answers, at, language)


def carried(service: CompiledService, check: Check) -> Answers:
    """Return the answers of the check that an application can take along, in their stored form."""
    eligibility = _eligibility(service)
    form: CompiledForm | None = service.sections.get("form")
    if eligibility is None or form is None:
        return {}
    values = forms.loose_facts(check.form, check.answers, at=check.at)
    questions = {question.key: question for question in form.questions}
    found = {}
    for key, expression in eligibility.carry.items():
        if expression.names <= set(check.answers):
            answer = forms.as_answer(questions[key], _run(expression, values, check.at))
            if answer is not None:
                found[key] = answer
    return found


def suggestions(actor: Actor, *, at: datetime, language: str) -> Suggestions | None:
    """Return what is suggested to a resident; None where the jurisdiction suggests nothing.

    It is worked out now, from what is known of this person alone, and only with the person's agreement. Nothing of it is
    stored. Services that the person has already, has applied for or does not want to hear of are left out.

    Args:
        actor: The resident.
        at: When.
        language: The reader's.
    """
    found = suggestions_of(root())
    if found is None:
        return None
    say = wordings(root(), language)
    purpose, basis = (say.get(text, text) for text in (found.spec.purpose, found.spec.legal_basis))
    agreement = agreement_of(actor)
    if agreement is None:
        return Suggestions(purpose, basis, is_agreed=False)
    had, answers = _had(actor, at), known_answers(found, actor, at)
    check = begin_check(answers, at=at, language=language)
    left = [each for each in check.services if each.key not in had and each.key not in agreement.declined]
    check = replace(check, services=tuple(left))
    used = told_by_question(check)
    each = [_suggestion(prospect, check, used) for prospect in check.prospects()]
    return Suggestions(
        purpose,
        basis,
        is_agreed=True,
        each=tuple(one for one in each if one is not None),
        answers=check.answers,
    )


def agreement_of(actor: Actor) -> Agreement | None:
    """Return that a resident wants suggestions, or None."""
    if not is_resident(actor):
        return None
    if len(actor.person_ids) == 1:
        return _agreement_of.one(person=actor.person_ids[0])
    return Agreement.objects.filter(person__in=actor.person_ids).order_by("agreed_at").first()


def agreement_asked(actor: Actor) -> list[Question]:
    """Return what :func:`agreement_of` asks for a resident with one record, to be asked together with others."""
    if not is_resident(actor) or len(actor.person_ids) > 1 or suggestions_of(root()) is None:
        return []
    return [_agreement_of.given(person=actor.person_ids[0])]


def _had(actor: Actor, at: datetime) -> set[str]:
    """Return the services that a resident has, or has applied for."""
    open_ = {case.service_key for case in cases.latest_cases(actor) if case.is_open}
    drafts = {draft.service_key for draft in forms.drafts_of(*actor.person_ids, at=at)}
    held = awards.running_services(actor.person_ids, on=local(at).date(), resting=True)
    return open_ | drafts | set(held)


def known_of(actor: Actor, *, at: datetime) -> Answers:
    """Return what is known of a resident who wants suggestions, as answers of the check; nothing of anybody else."""
    found = suggestions_of(root())
    if found is None or agreement_of(actor) is None:
        return {}
    return known_answers(found, actor, at)


def known_answers(found: CompiledSuggestions, actor: Actor, at: datetime) -> Answers:
    """Return what is known of a resident as answers of the check."""
    form, _problems = shared_questions(root())
    if form is None:
        return {}
    facts = {key: fact.value for key, fact in people.facts_about(actor.person_ids[0]).items()}
    entries = {
        key.replace("-", "_"): [registers.feel_value(entry) for entry in each]
        for key, each in registers.entries_about(actor.person_ids).items()
    }
    values: dict[str, Value] = {
        "applicant": to_value(facts),
        "awards": to_value(awards.running_services(actor.person_ids, on=local(at).date())),
        "entries": to_value(entries),
    }
    for name, key in found.looked_up.items():
        values[name] = _looked_up(found.spec.looked_up[name].register_key, _run(key, values, at), actor)
    values |= {name: None for name in found.spec.looked_up if name not in values}
    questions = {question.key: question for question in form.questions}
    answers = {
        key: forms.as_answer(questions[key], _run(one, values, at)) for key, one in found.known.items()
    }
    return {key: answer for key, answer in answers.items() if answer is not None}


def _looked_up(register: str, key: Value, actor: Actor) -> Value:
    """Return an entry as FEEL sees it, or null; what tells of a person only where it is about this one."""
    entry = registers.look_up(register, key) if isinstance(key, str) and key else None
    if entry is None:
        return None
    is_own = entry.subject is not None and entry.subject in actor.person_ids
    told = {each.key for each in registers.register(register).fields if is_own or not each.is_personal}
    return {name: value for name, value in registers.feel_value(entry).items() if name in told}


def told_by_question(check: Check) -> dict[str, tuple[str, str]]:
    """Return each answer of a check by question: the question and the answer in words."""
    return {
        key: (label, value)
        for key in check.answers
        for _page, label, value in forms.told(
            check.form, {key: check.answers[key]}, translate=check.translate
        )
    }


def _suggestion(prospect: Prospect, check: Check, used: Mapping[str, tuple[str, str]]) -> Suggestion | None:
    """Return a suggestion; None for what is unlikely, and for what nothing is known of."""
    service = next(each for each in check.services if each.key == prospect.key)
    eligibility = _eligibility(service.compiled)
    names = eligibility.names if eligibility is not None else frozenset[str]()
    if prospect.verdict is Verdict.UNLIKELY or not names & set(used):
        return None
    labels = {question.key: question.spec.label for question in check.form.questions}
    waits = tuple(check.translate(labels[key]) for key in labels if key in prospect.waits_for)
    return Suggestion(
        prospect,
        tuple(used[key] for key in labels if key in names and key in used),
        (*waits, *prospect.depends_on),
    )


def can_be_checked(service: CompiledService) -> bool:
    """Whether a service can be forecast."""
    return _eligibility(service) is not None


def _eligibility(service: CompiledService) -> CompiledEligibility | None:
    found = service.sections.get("eligibility")
    return found if isinstance(found, CompiledEligibility) else None


def _prospect(service: Service, values: Mapping[str, Value], at: datetime, language: str) -> Prospect:
    eligibility = _eligibility(service.compiled)
    assert eligibility is not None
    translate = service.compiled.translator(language)
    verdict, outcome, reason, waits, depends = _weigh(service.compiled, eligibility, values, at)
    return Prospect(
        key=service.key,
        name=service.name,
        verdict=verdict,
        outcome=outcome,
        reason=translate(reason) if reason else "",
        assuming=translate(eligibility.spec.assuming) if eligibility.spec.assuming and outcome else "",
        depends_on=tuple(translate(label) for label in depends),
        law=tuple(law.model_copy(update={"title": translate(law.title)}) for law in service.info.legal_basis),
        waits_for=waits,
    )


_Weighed: TypeAlias = tuple[Verdict, str, str, frozenset[str], tuple[str, ...]]
_weighed: dict[bytes, _Weighed] = {}
"""What was found, by the hash of what was said: each page asks anew of all services, and most have not changed."""
_KEPT = 4_000


def _weigh(
    service: CompiledService, eligibility: CompiledEligibility, values: Mapping[str, Value], at: datetime
) -> _Weighed:
    """Return verdict, outcome, reason, what of the check it waits for, and what else it depends on."""
    said = {name: str(values.get(name)) for name in sorted(eligibility.names)}
    which = (service.hash, id(eligibility), local(at).date().isoformat(), said)
    key = hashlib.sha256(repr(which).encode()).digest()
    found = _weighed.get(key)
    if found is None:
        if len(_weighed) >= _KEPT:
            _weighed.clear()
        found = _weighed[key] = _weigh_anew(service, eligibility, values, at)
    return found


def _weigh_anew(
    service: CompiledService, eligibility: CompiledEligibility, values: Mapping[str, Value], at: datetime
) -> _Weighed:
    concerns = True if eligibility.concerns is None else _run(eligibility.concerns, values, at)
    if concerns is False:
        return Verdict.UNLIKELY, "", eligibility.spec.otherwise, frozenset(), ()
    if eligibility.concerns is not None and concerns is not True:
        return Verdict.PERHAPS, "", "", _open_names(eligibility.concerns, values), ()
    assumed = {name: _run(expression, values, at) for name, expression in eligibility.assume.items()}
    found = _foreseen(service, eligibility, assumed, values, at)
    if found.outcome is not None:
        return _decided(outcomes_of(service)[found.outcome], found.outcome)
    open_ = {name: _open_behind(eligibility, name, values) for name in sorted(found.waits_for)}
    waits = frozenset().union(*open_.values())
    depends = [
        name for name, behind in open_.items() if not behind and contains_unknown(assumed.get(name, UNKNOWN))
    ]
    return Verdict.PERHAPS, "", "", waits, _labels(service, depends)


def _foreseen(
    service: CompiledService,
    eligibility: CompiledEligibility,
    assumed: Mapping[str, Value],
    values: Mapping[str, Value],
    at: datetime,
) -> Foreseen:
    """Forecast at worst; where that grants nothing, without what is only the worst case."""
    on = local(at).date()
    if eligibility.at_worst:
        worst = {name: _run(expression, values, at) for name, expression in eligibility.at_worst.items()}
        found = foreseen(service, {**worst, **assumed}, on=on)
        if found.outcome is not None and outcomes_of(service)[found.outcome].grants:
            return found
    return foreseen(service, assumed, on=on)


def _decided(outcome: Outcome, key: str) -> _Weighed:
    verdict = Verdict.LIKELY if outcome.grants else Verdict.UNLIKELY
    return Verdict.PERHAPS if outcome.officer else verdict, key, outcome.explanation, frozenset(), ()


def _open_behind(eligibility: CompiledEligibility, name: str, values: Mapping[str, Value]) -> frozenset[str]:
    """Return the questions of the check, not answered yet, that one of the decision's names is made of."""
    expression = eligibility.assume.get(name)
    return _open_names(expression, values) if expression is not None else frozenset()


def _labels(service: CompiledService, names: list[str]) -> tuple[str, ...]:
    """Return in words what a forecast hangs on, in the order of the form."""
    form: CompiledForm = service.sections["form"]
    given: Mapping[str, str] = service.sections["decision"].spec.given
    labels = [question.spec.label for question in form.questions if question.key in names]
    labels += [text for name, text in given.items() if name in names]
    return tuple(labels[:_MOST_NAMED])


def _open_names(expression: Expression, values: Mapping[str, Value]) -> frozenset[str]:
    return frozenset(name for name in expression.names if contains_unknown(values.get(name)))


def _run(expression: Expression, values: Mapping[str, Value], at: datetime) -> Value:
    """Return an expression's value; unknown where it goes wrong."""
    evaluation: Evaluation = new_evaluation(at)
    try:
        value = expression.run(expression.scope.frame(values, missing=UNKNOWN), evaluation)
    except FeelError:
        return UNKNOWN
    return UNKNOWN if evaluation.warnings else value
