"""How a built-in function is declared, and how its arguments are admitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from commonweal.engines.feel.coercion import coerce
from commonweal.engines.feel.errors import Undefined
from commonweal.engines.feel.types import (
    ANY,
    BUILT_IN_TYPES,
    DATE,
    DATE_TIME,
    NOTHING,
    Function,
    FunctionType,
    ListType,
    Range,
    RangeType,
    Type,
    Value,
    base_of,
)
from commonweal.engines.feel.unknown import UNKNOWN
from commonweal.engines.feel.values.temporal import Date, DateTime, Time

if TYPE_CHECKING:
    from commonweal.engines.feel.evaluation import Evaluation

__all__ = ["FUNCTIONS", "Builtin", "ParameterSpec", "Signature", "builtin"]

Implementation = Callable[..., Value]
Class = type
_Declared = TypeVar("_Declared", bound=Implementation)

# Classes whose instances need no conversion, by the name of the parameter's type.
_CLASS_OF: Final[dict[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "list": list,
    "context": dict,
    "range": Range,
    "function": Function,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
}


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A parameter of a built-in function.

    Attributes:
        name: Name for named arguments.
        type: What the argument is converted to.
        quick: Class whose instances are taken as they are, None to take anything as it is.
        nullable: May the argument be null? Else null makes the result null, with a warning.
    """

    name: str
    type: Type
    quick: Class | None
    nullable: bool

    def may_take(self, type_: Type) -> bool:
        """Could an argument of this static type be admitted?"""
        base = base_of(type_)
        if self.quick is None or base in {ANY, NOTHING} or isinstance(self.type, ListType):
            return True
        if isinstance(base, ListType):
            return self.may_take(base.element)
        if isinstance(self.type, FunctionType):
            return isinstance(base, FunctionType)
        return base.conforms_to(self.type) or (base == DATE and self.type == DATE_TIME)

    def admit(self, value: Value) -> Value:
        """Convert an argument that is not of the quick class.

        Raises:
            Undefined: It is null and must not be, or it does not conform.
        """
        if value is None and not self.nullable:
            raise Undefined(f"`{self.name}` must not be null", "argument-null")
        if value is None or value is UNKNOWN or self.quick is None:
            return value
        if self.quick is Function:
            converted: Value = value if isinstance(value, Function) else None
        else:
            converted = coerce(value, self.type)
        if converted is None:
            raise Undefined(f"`{self.name}` must be a {self.type}", "argument-type")
        return converted


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in function.

    Attributes:
        parameters: The parameters; the last takes all further arguments when ``variadic``.
        required: How many must be given.
        variadic: Does the last parameter repeat?
        result: Type of the result.
        implementation: Called with the evaluation and the admitted arguments.
        sees_unknown: Does the implementation deal with UNKNOWN arguments itself?
        is_pure: Does the result depend on nothing but the arguments?
    """

    parameters: tuple[ParameterSpec, ...]
    required: int
    variadic: bool
    result: Type
    implementation: Implementation
    sees_unknown: bool
    is_pure: bool = True

    def accepts(self, count: int) -> bool:
        """May it be called with this many positional arguments?"""
        return self.required <= count and (self.variadic or count <= len(self.parameters))

    def order(self, names: Sequence[str]) -> list[int] | None:
        """Where each named argument goes, None when the names do not fit."""
        known = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names) or any(name not in known for name in names):
            return None
        if any(name not in names for name in known[: self.required]):
            return None
        return [known.index(name) for name in names]

    def parameter(self, index: int) -> ParameterSpec:
        """The parameter that takes the argument at ``index``."""
        return self.parameters[min(index, len(self.parameters) - 1)]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with all its signatures."""

    name: str
    signatures: tuple[Signature, ...]

    def for_count(self, count: int) -> Signature | None:
        """The signature that takes this many positional arguments."""
        return next((signature for signature in self.signatures if signature.accepts(count)), None)

    def for_names(self, names: Sequence[str]) -> tuple[Signature, list[int]] | None:
        """The signature that takes these named arguments, and their places."""
        for signature in self.signatures:
            order = signature.order(names)
            if order is not None:
                return signature, order
        return None

    def call(self, arguments: list[Value], evaluation: Evaluation) -> Value:
        """Call it with positional arguments, when it is used as a value.

        Raises:
            Undefined: The arguments do not fit.
        """
        signature = self.for_count(len(arguments))
        if signature is None:
            raise Undefined(f"`{self.name}` does not take {len(arguments)} arguments", "argument-count")
        if not signature.sees_unknown and any(argument is UNKNOWN for argument in arguments):
            return UNKNOWN
        admitted = [signature.parameter(index).admit(value) for index, value in enumerate(arguments)]
        return signature.implementation(evaluation, *admitted)

    @property
    def as_value(self) -> Function:
        """The function as a value, to be handed to others."""
        signature = self.signatures[0]
        return Function(
            self.name,
            tuple(parameter.name for parameter in signature.parameters),
            self.call,
            parameter_types=tuple(parameter.type for parameter in signature.parameters),
            result_type=signature.result,
            is_variadic=True,
        )

    @property
    def type(self) -> FunctionType:
        """Type of the function as a value."""
        signature = self.signatures[0]
        return FunctionType(tuple(parameter.type for parameter in signature.parameters), signature.result)


FUNCTIONS: Final[dict[str, Builtin]] = {}


def builtin(
    name: str, parameters: str, result: Type, *, sees_unknown: bool = False, is_pure: bool = True
) -> Callable[[_Declared], _Declared]:
    """Declare a signature of a built-in function.

    Args:
        name: What FEEL calls it.
        parameters: ``name: type`` parts; ``name?`` may be left out, ``name...`` repeats, ``type?`` takes null.
        result: Type of the result.
        sees_unknown: The implementation deals with UNKNOWN itself.
        is_pure: The result depends on nothing but the arguments.
    """
    specs: list[ParameterSpec] = []
    required, variadic = 0, False
    for part in filter(None, (piece.strip() for piece in parameters.split(","))):
        label, _, kind = (piece.strip() for piece in part.partition(":"))
        variadic = label.endswith("...")
        if not label.endswith("?"):
            required += 1
        specs.append(_parameter(label.removesuffix("...").removesuffix("?"), kind))

    def declare(implementation: _Declared) -> _Declared:
        signature = Signature(tuple(specs), required, variadic, result, implementation, sees_unknown, is_pure)
        known = FUNCTIONS.get(name)
        FUNCTIONS[name] = Builtin(name, (*(known.signatures if known else ()), signature))
        return implementation

    return declare


def _parameter(name: str, kind: str) -> ParameterSpec:
    nullable = kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind == "any":
        return ParameterSpec(name, ANY, None, nullable)
    special: dict[str, Type] = {"function": FunctionType(), "range": RangeType(), "list": ListType()}
    type_ = special.get(kind) or BUILT_IN_TYPES[kind]
    return ParameterSpec(name, type_, _CLASS_OF[kind], nullable)
