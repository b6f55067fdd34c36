"""The sections of a service that belong to this app: ``decision`` and its worked ``cases``; a link to its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from pydantic import BaseModel, Field

from commonweal.engines import dmn
from commonweal.engines.dmn import model as m
from commonweal.engines.feel import (
    ANY,
    BOOLEAN,
    DATE,
    NUMBER,
    STRING,
    Expression,
    Scope,
    parse_unary_tests,
    syntax,
)
from commonweal.engines.feel.types import ContextType, ListType, Type, base_of
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.documents import Path_, Problem, Unreadable
from commonweal.kernel.base.expressions import compile_feel
from commonweal.kernel.base.jurisdiction import Declared
from commonweal.kernel.base.pages import NavigationItem, navigation
from commonweal.kernel.base.rules import anyone, signed_in
from commonweal.kernel.base.schemas import closest
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.registry import FolderCheck, folder_checks
from commonweal.kernel.decisions.programmes.cases import check_cases_in, is_same
from commonweal.kernel.decisions.programmes.evaluating import (
    Fault,
    Run,
    as_date,
    is_left_open,
    names_of,
)
from commonweal.kernel.decisions.programmes.mattering import settled
from commonweal.kernel.decisions.programmes.reading import (
    CASES,
    LawModel,
    Programme,
    keys_for,
    programme_keys,
    read_programme,
    read_texts,
    texts_for,
)
from commonweal.kernel.decisions.programmes.translating import translation_problems
from commonweal.kernel.decisions.rules import FAIRNESS
from commonweal.kernel.decisions.types import (
    CompiledDecision,
    CompiledFairness,
    CompiledLine,
    CompiledOutcome,
    DecisionDeclaration,
    Outcome,
    ProtectedAttribute,
)
from commonweal.kernel.people.registry import AUDITOR, SUPERVISOR, Capability, capabilities

NOT_GIVEN = Type("not given")


@folder_checks.register
class LawCheck(FolderCheck):
    """Every programme below ``law`` can be read, whether or not a service asks for it."""

    key: ClassVar[str] = "programmes"

    def check(self, root: Path) -> list[Problem]:
        """Return what is wrong with the programmes' figures, models and translations."""
        found: list[Problem] = []
        for key in programme_keys(root):
            law, problems = read_programme(root, key)
            found += problems
            if law is not None:
                found += translation_problems(root, law)
        return found


def _is_guest(actor: Actor) -> bool:
    """Whether nobody has signed in: those who have need the place at the top for their own things."""
    return not signed_in(actor)


navigation.register(
    NavigationItem(
        key="decisions.algorithms",
        face="portal",
        label=gettext_lazy("How we decide"),
        url_name="decisions:algorithms",
        order=80,
        shown_to=_is_guest,
    )
)
navigation.register(
    NavigationItem(
        "decisions.footer-algorithms",
        "footer",
        gettext_lazy("How we decide"),
        "decisions:algorithms",
        100,
        anyone,
    )
)
navigation.register(
    NavigationItem(
        "decisions.law", "footer", gettext_lazy("The law we run"), "decisions:law-list", 200, anyone
    )
)

capabilities.register(
    Capability(FAIRNESS, gettext_lazy("See small groups in fairness reports"), (SUPERVISOR, AUDITOR))
)

_checked: set[tuple[str, ...]] = set()


@sections.register
class DecisionSection(Section):
    """Compiles ``decision``: the law, the facts it is given, the ways in which it ends."""

    key: ClassVar[str] = "decision"
    schema: ClassVar[type[BaseModel]] = DecisionDeclaration
    order: ClassVar[int] = 300

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledDecision | None:
        """Return the compiled section, or None where there is none or it is wrong."""
        if source is None:
            return None
        spec: DecisionDeclaration = source.value
        law = _programme(spec, source, compilation)
        if law is None:
            return None
        found = _Compiler(spec, law, source, compilation).compile()
        if found is not None:
            compilation.names["decision"] = decision_type(found)
            compilation.choices["decision.outcome"] = tuple(spec.outcomes)
        return found

    def check(self, compiled: Any, source: Source | None, compilation: Compilation) -> None:
        """Look for the letter of each outcome, and for letters that nobody gets."""
        letters = compilation.compiled.get("letters")
        if source is None or letters is None:
            return
        for key, outcome in source.value.outcomes.items():
            is_there = outcome.letter in letters or f"letters/{outcome.letter}.md" in compilation.files
            if outcome.letter and not is_there:
                message = f"There is no letter '{outcome.letter}' in letters/."
                hint = closest(outcome.letter, list(letters))
                place = ("outcomes", key, "letter")
                compilation.problems.append(source.problem(place, "decision.letter", message, hint))
            elif letters and not outcome.letter and not outcome.officer:
                message = f"Who ends with '{key}' gets no letter."
                problem = source.problem(("outcomes", key), "decision.no-letter", message, is_error=False)
                compilation.problems.append(problem)


def type_at(path: str, inputs: Mapping[str, Type]) -> Type | None:
    """Return the type of a fact; None where there is no such fact. A list stands for its members."""
    first, *names = path.split(".")
    found = inputs.get(first)
    for name in names:
        inner = base_of(found) if found is not None else None
        while isinstance(inner, ListType):
            inner = base_of(inner.element)
        found = inner.member(name) if isinstance(inner, ContextType) else None
    return base_of(found) if found is not None else None


def _programme(spec: DecisionDeclaration, source: Source, compilation: Compilation) -> Programme | None:
    keys = keys_for(compilation)
    if spec.programme not in keys:
        message = f"There is no law '{spec.programme}' in the folder law/."
        hint = closest(spec.programme, keys)
        compilation.problems.append(source.problem(("programme",), "decision.programme", message, hint))
        return None
    try:
        files = texts_for(spec.programme, compilation)
    except Unreadable as error:
        compilation.problems.append(error.problem)
        return None
    law, problems = read_texts(spec.programme, files)
    compilation.problems += problems
    if law is not None and CASES in files:
        _check_law(law, files[CASES], compilation)
    return law


def _check_law(law: Programme, cases: str, compilation: Compilation) -> None:
    """Decide the law's worked cases; once a process for the same files."""
    key = (law.parameters.hash, *(model.hash for model in law.models), cases)
    if key not in _checked:
        found = check_cases_in(cases, law)
        compilation.problems += found
        if not found:
            _checked.add(key)


def decision_type(decision: CompiledDecision) -> ContextType:
    """Return the type of what later sections know as ``decision``: outcome, its label, amounts, the model's result."""
    names = dict.fromkeys(name for outcome in decision.spec.outcomes.values() for name in outcome.money)
    result = decision.result_scope.names[decision.spec.decision]
    return ContextType.of(
        {
            "outcome": STRING,
            "label": STRING,
            "grants": BOOLEAN,
            "amounts": ContextType.of(dict.fromkeys(names, NUMBER)),
            "result": result,
            "reason": STRING,
            "appeal_until": DATE,
        }
    )


class _Compiler:
    """Compiles one section against the form and the models."""

    def __init__(
        self, spec: DecisionDeclaration, law: Programme, source: Source, compilation: Compilation
    ) -> None:
        self.spec, self.law, self.source, self.compilation = spec, law, source, compilation
        self.names: dict[str, Type] = {**compilation.names, **dict.fromkeys(spec.given, ANY)}

    def compile(self) -> CompiledDecision | None:
        models = [model for model in self.law.models if self._has_decision(model)]
        if len(models) != len(self.law.models):
            return None
        facts_scope = Scope(self.names)
        result_scope = Scope({**self.names, self.spec.decision: self._result_type(models[-1])})
        facts = self._facts(facts_scope, models)
        reference_on = self._feel(self.spec.reference_on, facts_scope, ("reference_on",), DATE)
        outcome = self._feel(self.spec.outcome, result_scope, ("outcome",), STRING)
        outcomes = {
            key: self._outcome(key, written, facts_scope, result_scope)
            for key, written in self.spec.outcomes.items()
        }
        officer_when = [
            (self._feel(rule.when, result_scope, ("officer_when", at, "when"), BOOLEAN), rule.why)
            for at, rule in enumerate(self.spec.officer_when)
        ]
        for model in models:
            self._compare_outcomes(model)
        self._check_appeal()
        fairness = self._fairness(models[-1])
        if reference_on is None or outcome is None or any(fact is None for fact in facts.values()):
            return None
        return CompiledDecision(
            spec=self.spec,
            fact_scope=facts_scope,
            facts={name: fact for name, fact in facts.items() if fact is not None},
            reference_on=reference_on,
            result_scope=result_scope,
            outcome=outcome,
            outcomes=outcomes,
            officer_when=tuple((condition, why) for condition, why in officer_when if condition is not None),
            fairness=fairness,
            lines=self._lines(models),
            settler=settled,
        )

    def _check_appeal(self) -> None:
        """See that the days in which objections are counted are declared."""
        name = self.spec.appeal.counted_in
        known = [days.key for days in self.compilation.jurisdiction.other_days]
        if name is not None and name not in known:
            message = f"The jurisdiction counts no '{name}'."
            self.problem(("appeal", "counted_in"), "appeal-days", message, closest(name, known))

    def _fairness(self, model: LawModel) -> CompiledFairness | None:
        """Compile the groups, and see that the protected attributes are facts of the model."""
        spec = self.spec.fairness
        if spec is None:
            return None
        inputs = _inputs_of(model.compiled, self.spec.decision)
        inputs.pop("law", None)
        scope = Scope(inputs)
        groups = {
            name: self._feel(group.of, scope, ("fairness", "groups", name, "of"), STRING, is_loose=False)
            for name, group in spec.groups.items()
        }
        for name, attribute in spec.protected.items():
            self._check_attribute(name, attribute, inputs)
        if any(group is None for group in groups.values()):
            return None
        return CompiledFairness(spec, scope, {name: group for name, group in groups.items() if group})

    def _check_attribute(self, name: str, attribute: ProtectedAttribute, inputs: Mapping[str, Type]) -> None:
        place = ("fairness", "protected", name)
        found = type_at(attribute.path, inputs)
        if found is None:
            message = f"The decision has no fact '{attribute.path}'."
            roots = list(inputs)
            self.problem((*place, "path"), "fact-unknown", message, closest(attribute.path, roots))
        elif not attribute.values and found != BOOLEAN:
            message = f"'{attribute.path}' is {found}: say which values it is changed to."
            self.problem((*place, "path"), "fairness-values", message, "Add 'values'.")

    def problem(self, path: Path_, code: str, message: str, hint: str = "", *, is_error: bool = True) -> None:
        self.compilation.problems.append(
            self.source.problem(path, f"decision.{code}", message, hint, is_error=is_error)
        )

    def _feel(
        self, text: str, scope: Scope, path: Path_, expects: Type, *, is_loose: bool = True
    ) -> Expression | None:
        return compile_feel(
            text,
            scope,
            source=self.source,
            path=path,
            compilation=self.compilation,
            expects=expects,
            is_loose=is_loose,
        )

    def _has_decision(self, model: LawModel) -> bool:
        names = model.compiled.decisions
        if self.spec.decision in names:
            return True
        message = f"{model.file} has no decision '{self.spec.decision}'."
        self.problem(("decision",), "unknown", message, closest(self.spec.decision, list(names)))
        return False

    def _result_type(self, model: LawModel) -> Type:
        compiled = model.compiled
        node = next(node for node in compiled.graph.nodes if node.full_name == self.spec.decision)
        return compiled.types.get(node.index, ANY)

    def _facts(self, scope: Scope, models: list[LawModel]) -> dict[str, Expression | None]:
        """Compile the mapping; compare its names and types with what the decision needs."""
        wanted: dict[str, Type] = {}
        for model in models:
            wanted |= _inputs_of(model.compiled, self.spec.decision)
        wanted.pop("law", None)
        for name in wanted:
            if name not in self.spec.facts:
                message = f"The decision needs '{name}', and nothing says where it comes from."
                self.problem(("facts",), "fact-missing", message)
        found: dict[str, Expression | None] = {}
        for name, text in self.spec.facts.items():
            if name not in wanted:
                message = f"The decision does not ask for '{name}'."
                self.problem(("facts", name), "fact-unknown", message, closest(name, list(wanted)))
            found[name] = self._feel(text, scope, ("facts", name), ANY)
            self._compare_type(name, found[name], wanted.get(name, ANY))
        return found

    def _compare_type(self, name: str, expression: Expression | None, wanted: Type) -> None:
        if expression is None:
            return
        for path, given, needed in _clashes((), expression.type, wanted):
            where = ".".join((name, *path))
            message = f"{where} is {given} here, the law takes {needed}."
            self.problem(("facts", name), "fact-type", message)

    def _outcome(self, key: str, written: Outcome, facts: Scope, scope: Scope) -> CompiledOutcome:
        amounts = {}
        for name, text in written.money.items():
            path = ("outcomes", key, "amount") if name == "amount" else ("outcomes", key, "amounts", name)
            amount = self._feel(text, scope, path, NUMBER)
            if amount is not None:
                amounts[name] = amount
        silent_when = None
        if written.silent_when is not None:
            silent_when = self._feel(written.silent_when, facts, ("outcomes", key, "silent_when"), BOOLEAN)
        return CompiledOutcome(key, written, amounts, silent_when)

    def _lines(self, models: list[LawModel]) -> tuple[CompiledLine, ...]:
        """Compile the statement; its lines see the result alone, so that a stored decision can be shown again."""
        scope = Scope({self.spec.decision: self._result_type(models[-1])})
        steps = {name for model in models for name in model.compiled.decisions}
        found = []
        for at, line in enumerate(self.spec.statement.lines if self.spec.statement else ()):
            place = ("statement", "lines", at)
            if line.step is not None and line.step not in steps:
                message = f"The model has no decision '{line.step}'."
                self.problem((*place, "step"), "unknown", message, closest(line.step, sorted(steps)))
            amount = self._feel(line.amount, scope, (*place, "amount"), NUMBER)
            when = self._feel(line.when, scope, (*place, "when"), BOOLEAN) if line.when else None
            if amount is not None:
                found.append(CompiledLine(line, amount, when))
        return tuple(found)

    def _compare_outcomes(self, model: LawModel) -> None:
        """Compare the outcomes declared with those that the model can give, where it lists them."""
        listed = possible_outcomes(model.compiled.model, self.spec.outcome)
        entries = entries_of(model.compiled.model, self.spec.outcome.partition(".")[0])
        entry = self.spec.outcome.partition(".")[2].strip()
        if entry.isidentifier() and entries and entry not in entries:
            message = f"The result of {model.file} has no entry '{entry}'."
            self.problem(("outcome",), "outcome-entry", message, closest(entry, entries))
        elif listed is None:
            message = "The outcomes of the model are not listed in a type, so they cannot be compared."
            self.problem(("outcome",), "outcomes-open", message, is_error=False)
        if listed is None:
            return
        for key in listed:
            if key not in self.spec.outcomes:
                message = f"{model.file} can end with '{key}', which is not declared."
                self.problem(("outcomes",), "outcome-missing", message)
        for key, outcome in self.spec.outcomes.items():
            if key not in listed and not (outcome.silent or outcome.lapsed):
                message = f"{model.file} never ends with '{key}'."
                self.problem(("outcomes", key), "outcome-unknown", message, closest(key, listed))


def _inputs_of(compiled: dmn.CompiledModel, decision: str) -> dict[str, Type]:
    """Return the inputs that one decision needs, with their types."""
    plan = compiled.plan_of([node for node in compiled.graph.nodes if node.full_name == decision][:1])
    return {node.full_name: compiled.types[node.index] for node in plan.inputs}


def _clashes(
    path: tuple[str, ...], given: Type, wanted: Type
) -> Iterator[tuple[tuple[str, ...], Type, Type]]:
    """Yield where two types cannot meet: entries missing from a context, and simple types that differ."""
    given, wanted = base_of(given), base_of(wanted)
    if ANY in {given, wanted} or given.conforms_to(wanted):
        return
    inner = getattr(given, "element", None), getattr(wanted, "element", None)
    if inner[0] is not None and inner[1] is not None:
        yield from _clashes((*path, "item"), inner[0], inner[1])
    elif isinstance(given, ContextType) and isinstance(wanted, ContextType):
        mine = dict(given.members)
        for name, type_ in wanted.members:
            if name in mine:
                yield from _clashes((*path, name), mine[name], type_)
            else:
                yield (*path, name), NOT_GIVEN, type_
    elif given.name != "Null":
        yield path, given, wanted


def possible_outcomes(model: m.Model, outcome: str) -> list[str] | None:
    """Return the values that the type of an outcome allows; None where no type lists them.

    Args:
        model: The decision model.
        outcome: A decision's name, or a path into its result: ``Determination.outcome``.
    """
    name, _, entry = outcome.partition(".")
    item = _result_item(model, name)
    if entry and item is not None:
        component = next((part for part in item.components if part.name == entry.strip()), None)
        item = _item(model, component.type_ref) or component if component is not None else None
    allowed = item.allowed_values or item.type_constraint if item is not None else None
    if allowed is None:
        return None
    tests = syntax.walk(parse_unary_tests(allowed.text, Scope({})))
    return [node.value for node in tests if isinstance(node, syntax.StringLiteral)] or None


def entries_of(model: m.Model, name: str) -> list[str]:
    """Return the entries of a decision's result, as its type lists them; nothing where it lists none."""
    item = _result_item(model, name)
    return [part.name for part in item.components] if item is not None else []


def _result_item(model: m.Model, name: str) -> m.ItemDefinition | None:
    decision = model.decision(name.strip())
    return _item(model, decision.variable.type_ref if decision and decision.variable else None)


def _item(model: m.Model, name: str | None) -> m.ItemDefinition | None:
    return next((item for item in model.item_definitions if item.name == name), None)


class ServiceCase(Declared):
    """A worked case of a whole service.

    Attributes:
        id: For people to speak of.
        note: What it shows.
        reference_on: The day whose law applies.
        known_on: As known on this day.
        answers: By question.
        context: ``applicant``, ``case`` and given facts.
        outcome: Key that it ends with; left out where an officer has to decide because something is missing.
        amounts: Major units by name.
        fault: Words that the reason of a fault holds.
    """

    id: str
    note: str = ""
    reference_on: date | None = None
    known_on: date | None = None
    answers: dict[str, Any] = Field(default_factory=dict)
    context: dict[str, Any] = Field(default_factory=dict)
    outcome: str | None = None
    amounts: dict[str, Any] = Field(default_factory=dict)
    fault: str = ""


class ServiceCases(Declared):
    """The file ``cases.yaml`` of a service."""

    cases: tuple[ServiceCase, ...] = Field(min_length=1)


@sections.register
class CasesSection(Section):
    """Decides the worked cases of a service when it is checked."""

    key: ClassVar[str] = "cases"
    schema: ClassVar[type[BaseModel]] = ServiceCases
    order: ClassVar[int] = 310

    def compile(self, source: Source | None, compilation: Compilation) -> None:
        """Nothing is kept of worked cases."""

    def check(self, compiled: Any, source: Source | None, compilation: Compilation) -> None:
        """Decide each case and compare."""
        decision = compilation.compiled.get("decision")
        if source is None or not isinstance(decision, CompiledDecision):
            return
        law, _ = read_texts(decision.spec.programme, texts_for(decision.spec.programme, compilation))
        if law is None:
            return
        for at, case in enumerate(source.value.cases):
            for message in case_differences(decision, compilation.compiled.get("form"), law, case):
                compilation.problems.append(
                    source.problem(("cases", at), "decision.case", f"Case {case.id}: {message}")
                )


def case_differences(
    decision: CompiledDecision, form: object, law: Programme, case: ServiceCase
) -> list[str]:
    """Decide one worked case of a service; return each difference."""
    context: Mapping[str, Any] = {"case": {"submitted_on": case.reference_on}, **case.context}
    try:
        names = names_of(decision, form, case.answers, context)
        on = case.reference_on or as_date(decision.reference_on.evaluate(names))
        if on is None:
            return ["The day whose law applies is not known."]
        is_open = is_left_open(form, names)
        found = Run(decision, law, names, on, case.known_on, False, is_open=is_open).evaluate()
    except Fault as fault:
        return [] if case.fault and case.fault in str(fault) else [str(fault)]
    differences = []
    if case.fault and case.fault not in found.fault_reason:
        differences.append(
            f"'{case.fault}' is expected as a fault, not '{found.fault_reason or found.outcome}'."
        )
    if not case.fault and found.outcome != case.outcome:
        differences.append(
            f"The outcome is {found.outcome or found.fault_reason}, {case.outcome} is expected."
        )
    for name, expected in case.amounts.items():
        actual = found.amounts.get(name)
        if actual is None or not is_same(str(actual.amount), expected):
            differences.append(f"{name} is {actual}, {expected} is expected.")
    return differences
