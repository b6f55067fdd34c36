"""A decision model as data: frozen dataclasses, one for each element of DMN.

Names follow the standard, except that ``InformationItem`` is `Variable` and
``informationRequirement`` and its sisters are tuples of references.

Source: OMG DMN 1.5, chapters 6, 7 and 8 (formal/2024-01-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FEEL_NAMESPACE = "https://www.omg.org/spec/DMN/20230324/FEEL/"
DMN_NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every element may carry.

    ``extension`` is the content of ``extensionElements`` as XML text;
    ``foreign`` are attributes of other namespaces as (``{uri}name``, value).
    """

    id: str | None = None
    label: str | None = None
    description: str | None = None
    extension: str | None = None
    foreign: tuple[tuple[str, str], ...] = ()
    line: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Node):
    """A name with a type: a variable, a parameter, a column of a relation."""

    name: str
    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryTests(Node):
    """Tests on a value, as text."""

    text: str
    language: str | None = None


# ---- boxed expressions -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed(Node):
    """A boxed expression."""

    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Boxed):
    """An expression as text; ``imported`` holds ``importedValues`` as XML text."""

    text: str | None = None
    language: str | None = None
    imported: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEntry(Node):
    """One line of a boxed context; without a variable it is the result."""

    variable: Variable | None = None
    value: Boxed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Boxed):
    """A boxed context."""

    entries: tuple[ContextEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedList(Boxed):
    """A boxed list."""

    items: tuple[Boxed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Boxed):
    """A table of values: a list of contexts."""

    columns: tuple[Variable, ...] = ()
    rows: tuple[BoxedList, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition(Boxed):
    """A function: of FEEL, or (kind ``Java``) an external one from the allow-list."""

    parameters: tuple[Variable, ...] = ()
    body: Boxed | None = None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One argument of a boxed invocation."""

    parameter: Variable
    value: Boxed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation(Boxed):
    """A boxed call of a function, with arguments by name."""

    function: Boxed | None = None
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The expression in a slot of another one (``if``, ``in``, ``return`` …)."""

    value: Boxed | None = None
    id: str | None = None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Boxed):
    """Boxed if … then … else."""

    condition: Child
    then: Child
    otherwise: Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Boxed):
    """Boxed filter of a list."""

    source: Child
    match: Child


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Boxed):
    """Boxed iteration."""

    variable: str
    source: Child
    result: Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantified(Boxed):
    """Boxed ``some`` or ``every``."""

    quantifier: str
    variable: str
    source: Child
    satisfies: Child


# ---- decision tables ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InputClause(Node):
    """One input column: the expression it looks at and the values it may have."""

    expression: Literal
    values: UnaryTests | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputClause(Node):
    """One output column; the order of ``values`` is the order of priority."""

    name: str | None = None
    type_ref: str | None = None
    values: UnaryTests | None = None
    default: Literal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Node):
    """One rule: a test for each input, an expression for each output, notes."""

    tests: tuple[UnaryTests, ...] = ()
    outputs: tuple[Literal, ...] = ()
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable(Boxed):
    """A decision table.

    ``hit_policy`` is one of UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER,
    COLLECT; ``aggregation`` one of SUM, COUNT, MIN, MAX or nothing.
    """

    inputs: tuple[InputClause, ...] = ()
    outputs: tuple[OutputClause, ...] = ()
    annotations: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    hit_policy: str = "UNIQUE"
    aggregation: str | None = None
    orientation: str = "Rule-as-Row"
    output_label: str | None = None


# ---- types -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionItem(Node):
    """The type of a function."""

    parameters: tuple[Variable, ...] = ()
    output_type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition(Node):
    """A named type: another type narrowed, a structure, or a function."""

    name: str
    type_ref: str | None = None
    allowed_values: UnaryTests | None = None
    type_constraint: UnaryTests | None = None
    components: tuple[ItemDefinition, ...] = ()
    function: FunctionItem | None = None
    is_collection: bool = False
    type_language: str | None = None


# ---- requirements graph ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(Node):
    """An arrow of the diagram.

    ``kind`` is the element's name in XML: requiredDecision, requiredInput,
    requiredKnowledge or requiredAuthority; ``href`` is ``#id`` or ``namespace#id``.
    """

    kind: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrgElement(Node):
    """A box of the diagram."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData(DrgElement):
    """A fact that is asked for."""

    variable: Variable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(DrgElement):
    """A decision and its logic.

    ``references`` are the links to people and processes (decisionMaker, usingTask …)
    as (element, href), kept as they are.
    """

    question: str | None = None
    allowed_answers: str | None = None
    variable: Variable | None = None
    information: tuple[Requirement, ...] = ()
    knowledge: tuple[Requirement, ...] = ()
    authority: tuple[Requirement, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    expression: Boxed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeModel(DrgElement):
    """A business knowledge model: logic that decisions share."""

    variable: Variable | None = None
    logic: FunctionDefinition | None = None
    knowledge: tuple[Requirement, ...] = ()
    authority: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionService(DrgElement):
    """Decisions offered together, like a function. All members are hrefs."""

    variable: Variable | None = None
    output_decisions: tuple[str, ...] = ()
    encapsulated_decisions: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeSource(DrgElement):
    """The authority for a decision: a section of an act, a code, a policy."""

    authority: tuple[Requirement, ...] = ()
    source_type: str | None = None
    owner: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Node):
    """Another model that this one uses, under a prefix; an empty name means no prefix."""

    name: str
    namespace: str
    import_type: str
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Node):
    """A whole model.

    ``elements`` keeps the order of the source. ``artifacts`` (text annotations,
    groups, element collections, business context) and ``diagrams`` are kept as XML
    text. ``imported`` holds the models behind ``imports``, by namespace.
    """

    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    item_definitions: tuple[ItemDefinition, ...] = ()
    elements: tuple[DrgElement, ...] = ()
    artifacts: tuple[str, ...] = ()
    diagrams: str | None = None
    expression_language: str | None = None
    type_language: str | None = None
    exporter: str | None = None
    exporter_version: str | None = None
    imported: Mapping[str, Model] = field(default_factory=dict, compare=False, repr=False)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions, in the order of the source."""
        return tuple(e for e in self.elements if isinstance(e, Decision))

    @property
    def inputs(self) -> tuple[InputData, ...]:
        """The input data, in the order of the source."""
        return tuple(e for e in self.elements if isinstance(e, InputData))

    @property
    def knowledge_models(self) -> tuple[KnowledgeModel, ...]:
        """The business knowledge models, in the order of the source."""
        return tuple(e for e in self.elements if isinstance(e, KnowledgeModel))

    @property
    def services(self) -> tuple[DecisionService, ...]:
        """The decision services, in the order of the source."""
        return tuple(e for e in self.elements if isinstance(e, DecisionService))

    @property
    def knowledge_sources(self) -> tuple[KnowledgeSource, ...]:
        """The knowledge sources, in the order of the source."""
        return tuple(e for e in self.elements if isinstance(e, KnowledgeSource))

    def decision(self, name: str) -> Decision | None:
        """The decision of that name, or nothing."""
        return next((d for d in self.decisions if d.name == name), None)
