"""Item definitions as FEEL types.

Source: OMG DMN 1.5, 7.3.3 (ItemDefinition), 10.3.2.2 (types).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from commonweal.engines.dmn import model as m
from commonweal.engines.dmn.problems import Problem
from commonweal.engines.feel.types import (
    ANY,
    BUILT_IN_TYPES,
    ConstrainedType,
    ContextType,
    FunctionType,
    ListType,
    Type,
    Value,
    base_of,
)

MakeTest = Callable[[str, Type, str], Callable[[Value], bool]]


@dataclass(frozen=True, slots=True)
class Allows:
    """The check of a constrained type, and the text it came from."""

    text: str
    test: Callable[[Value], bool]

    def __call__(self, value: Value) -> bool:
        """Does the value pass?"""
        return self.test(value)


def constraint_texts(type_: Type) -> list[str]:
    """The texts of the constraints on a type, the outermost first."""
    texts: list[str] = []
    while isinstance(type_, ConstrainedType):
        if isinstance(type_.allows, Allows):
            texts.append(type_.allows.text)
        type_ = type_.base
    return texts


@dataclass(frozen=True, slots=True)
class LaterType(Type):
    """A type named inside itself: looked up when a value is tested."""

    look_up: Callable[[], Type] = field(default=lambda: ANY, compare=False, repr=False)

    def _conforms(self, other: Type) -> bool:
        return other == self

    def contains(self, value: Value) -> bool:
        """Is the value one of the type named?"""
        return self.look_up().contains(value)


class TypeTable:
    """The types of one model, those of its imports under their prefix."""

    def __init__(self, model: m.Model, imported: list[tuple[str, TypeTable]], make_test: MakeTest) -> None:
        self._definitions = {item.name: item for item in model.item_definitions}
        self._imported = imported
        self._make_test = make_test
        self._ready: dict[str, Type] = {}
        self._in_work: set[str] = set()
        self.problems: list[Problem] = []

    def all_types(self) -> dict[str, Type]:
        """Every type by the name an expression uses."""
        named = {name: self._named(name) for name in self._definitions}
        for prefix, table in self._imported:
            for name, type_ in table.all_types().items():
                named.setdefault(f"{prefix}.{name}" if prefix else name, type_)
        return named

    def of(self, type_ref: str | None, where: str = "") -> Type:
        """The type behind a reference; ANY where there is none.

        A reference that leads nowhere is ANY too, and noted among the problems.
        """
        if type_ref is None:
            return ANY
        found = self.find(type_ref)
        if found is None:
            message = f"{where}: no type {type_ref!r}; its values are not checked"
            self.problems.append(Problem(kind="unknown-type", message=message, place=where))
            return ANY
        return found

    def find(self, type_ref: str) -> Type | None:
        """The type of that name, or nothing."""
        if type_ref in self._definitions:
            return self._named(type_ref)
        if type_ref in BUILT_IN_TYPES:
            return BUILT_IN_TYPES[type_ref]
        for prefix, table in self._imported:
            if not prefix:
                found = table.find(type_ref)
            elif type_ref.startswith(prefix + "."):
                found = table.find(type_ref[len(prefix) + 1 :])
            else:
                continue
            if found is not None:
                return found
        if ":" in type_ref:
            return self.find(type_ref.partition(":")[2])
        return None

    def allowed_text(self, type_ref: str | None) -> str | None:
        """The text of the values that a named type allows, in their order."""
        item = self._definitions.get(type_ref or "")
        if item is not None:
            return item.allowed_values.text if item.allowed_values else self.allowed_text(item.type_ref)
        for prefix, table in self._imported:
            if not prefix or (type_ref or "").startswith(prefix + "."):
                found = table.allowed_text(
                    (type_ref or "").removeprefix(prefix + ".") if prefix else type_ref
                )
                if found is not None:
                    return found
        return None

    def _named(self, name: str) -> Type:
        if name not in self._ready:
            if name in self._in_work:
                return LaterType(name, look_up=lambda: self._ready[name])
            self._in_work.add(name)
            self._ready[name] = self._make(self._definitions[name], name)
            self._in_work.discard(name)
        return self._ready[name]

    def _make(self, item: m.ItemDefinition, where: str) -> Type:
        base = self._base(item, where)
        if item.allowed_values is not None:
            base = self._narrowed(base, item.allowed_values, item.name, where)
        whole: Type = ListType(base) if item.is_collection else base
        if item.type_constraint is not None:
            whole = self._narrowed(whole, item.type_constraint, item.name, where)
        return whole

    def _base(self, item: m.ItemDefinition, where: str) -> Type:
        if item.components:
            return ContextType(tuple((c.name, self._make(c, f"{where}.{c.name}")) for c in item.components))
        if item.function is not None:
            return FunctionType(
                parameters=tuple(self.of(p.type_ref, where) for p in item.function.parameters),
                result=self.of(item.function.output_type_ref, where),
            )
        return self.of(item.type_ref, where)

    def _narrowed(self, base: Type, tests: m.UnaryTests, name: str, where: str) -> Type:
        if not tests.text.strip() or tests.text.strip() == "-":
            return base
        return ConstrainedType(
            name, base, Allows(tests.text, self._make_test(tests.text, base_of(base), where))
        )
