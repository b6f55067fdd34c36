"""Calls and function literals.

Source: DMN 1.5, 10.3.2.13 (functions), 10.3.1.2 rules 38 to 42 (invocation), 55 (definition).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from commonweal.engines.feel.builtins import FUNCTIONS, Builtin, Signature
from commonweal.engines.feel.compiling.compiler import Closure, Code, Compiler, compiles, failed
from commonweal.engines.feel.errors import FeelError, Undefined
from commonweal.engines.feel.evaluation import Evaluation
from commonweal.engines.feel.externals import external_function
from commonweal.engines.feel.invocation import invoke
from commonweal.engines.feel.operations import kind_name
from commonweal.engines.feel.syntax import FunctionLiteral, Invocation, Name
from commonweal.engines.feel.types import ANY, Function, FunctionType, Type, Value, base_of
from commonweal.engines.feel.unknown import UNKNOWN, contains_unknown
from commonweal.engines.feel.values.numbers import DecimalException

if TYPE_CHECKING:
    from commonweal.engines.feel.errors import Position


@compiles(Invocation)
def _invocation(node: Invocation, compiler: Compiler) -> Code:
    builtin = _builtin_called(node, compiler)
    if builtin is not None:
        return _call_builtin(node, builtin, compiler)
    function = compiler.compile(node.function)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    type_ = base_of(function.type)
    fallback = FUNCTIONS.get(node.function.name) if isinstance(node.function, Name) else None
    run = _call_value(function.run, [code.run for code in arguments], node, fallback, compiler.position(node))
    return Code(run, type_.result if isinstance(type_, FunctionType) else ANY)


def _builtin_called(node: Invocation, compiler: Compiler) -> Builtin | None:
    """The built-in function that is meant; a variable of that name only counts when it may be a function."""
    if not isinstance(node.function, Name) or node.function.name not in FUNCTIONS:
        return None
    resolved = compiler.resolve(node.function.name)
    if resolved is not None and (resolved.slot is not None or resolved.member_of is not None):
        type_ = base_of(resolved.type)
        if type_ == ANY or isinstance(type_, FunctionType):
            return None
    return FUNCTIONS[node.function.name]


# Built-in functions


def _call_builtin(node: Invocation, builtin: Builtin, compiler: Compiler) -> Code:
    arguments = [compiler.compile(argument) for argument in node.arguments]
    chosen = builtin.for_names(node.names) if node.names else builtin.for_count(len(arguments))
    if chosen is None:
        return _misfit(node, builtin, compiler)
    if isinstance(chosen, tuple):
        signature, order = chosen
    else:
        signature, order = chosen, list(range(len(arguments)))
    _check_arguments(node, signature, order, arguments, compiler)
    run = _builtin_closure(signature, order, arguments, compiler.position(node))
    if signature.sees_unknown:
        run = _forgetting(run)
    code = Code(run, signature.result)
    if signature.is_pure:
        return compiler.folded(code, *arguments)
    return code


def _misfit(node: Invocation, builtin: Builtin, compiler: Compiler) -> Code:
    names = " or ".join(
        "(" + ", ".join(parameter.name for parameter in signature.parameters) + ")"
        for signature in builtin.signatures
    )
    message = f"`{builtin.name}` takes {names}"
    compiler.problem("argument-count", message, node)
    at = compiler.position(node)

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        evaluation.warn("argument-count", message, at)
        return None

    return Code(run)


def _check_arguments(
    node: Invocation, signature: Signature, order: list[int], arguments: list[Code], compiler: Compiler
) -> None:
    for argument, code, place in zip(node.arguments, arguments, order, strict=True):
        parameter = signature.parameter(place)
        if not parameter.may_take(code.type):
            message = f"`{parameter.name}` must be a {parameter.type}, not a {code.type}"
            compiler.problem("argument-type", message, argument)


def _builtin_closure(signature: Signature, order: list[int], arguments: list[Code], at: Position) -> Closure:
    places: list[Value] = [None] * (max(order, default=-1) + 1)
    plan = [
        (code.run, place, signature.parameter(place).quick, signature.parameter(place).admit)
        for code, place in zip(arguments, order, strict=True)
    ]
    implementation, stops_at_unknown = signature.implementation, not signature.sees_unknown

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        values = places[:]
        is_unknown = False
        try:
            for argument, place, quick, admit in plan:
                value = argument(frame, evaluation)
                evaluation.spend_on(value)
                values[place] = value = value if type(value) is quick else admit(value)
                is_unknown = is_unknown or value is UNKNOWN
            if is_unknown and stops_at_unknown:
                return UNKNOWN
            return implementation(evaluation, *values)
        except FeelError:
            raise
        except (Undefined, DecimalException, ValueError, OverflowError) as error:
            return _failure(values, error, evaluation, at)

    return run


def _forgetting(call: Closure) -> Closure:
    """A yes or no found in spite of unknown arguments does not depend on them."""

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        mark = len(evaluation.missing)
        result = call(frame, evaluation)
        if isinstance(result, bool):
            evaluation.forget_since(mark)
        return result

    return run


def _failure(values: list[Value], error: Exception, evaluation: Evaluation, at: Position) -> Value:
    """UNKNOWN when an argument holds something unknown, else null with a warning."""
    if contains_unknown(values):
        _note_elements(values, evaluation)
        return UNKNOWN
    if isinstance(error, DecimalException):
        error = Undefined("the number is out of range", "arithmetic")
    problem = error if isinstance(error, Undefined) else Undefined(str(error) or "out of range", "overflow")
    return failed(evaluation, problem, at)


def _note_elements(values: list[Value], evaluation: Evaluation) -> None:
    for value in values:
        if isinstance(value, list):
            place = evaluation.place_of(value)
            for index, element in enumerate(value, start=1):
                if element is UNKNOWN and place is not None:
                    evaluation.note_missing(f"{place}[{index}]")


# Functions as values


def _call_value(
    function: Closure, arguments: list[Closure], node: Invocation, fallback: Builtin | None, at: Position
) -> Closure:
    names = node.names

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        called = function(frame, evaluation)
        if not isinstance(called, Function):
            if called is UNKNOWN:
                return UNKNOWN
            if fallback is None:
                evaluation.warn("no-function", f"a {kind_name(called)} cannot be called", at)
                return None
            called = fallback.as_value
        values = [argument(frame, evaluation) for argument in arguments]
        try:
            ordered = _by_parameter(called, values, names)
        except Undefined as error:
            return failed(evaluation, error, at)
        return invoke(called, ordered, evaluation)

    return run


def _by_parameter(function: Function, values: list[Value], names: tuple[str, ...]) -> list[Value]:
    known = function.parameters
    if names:
        given = dict(zip(names, values, strict=True))
        if len(given) != len(known) or any(name not in given for name in known):
            raise Undefined(f"{function!r} does not take the arguments {', '.join(names)}", "argument-count")
        return [given[name] for name in known]
    if len(values) != len(known) and not function.is_variadic:
        raise Undefined(f"{function!r} does not take {len(values)} arguments", "argument-count")
    return values


@compiles(FunctionLiteral)
def _function_literal(node: FunctionLiteral, compiler: Compiler) -> Code:
    for part in (*(parameter.type for parameter in node.parameters), node.result):
        if part is not None and part.type is None:
            compiler.problem("unknown-type", f"there is no type `{part.text}`", part)
    types = tuple((parameter.type.type or ANY) if parameter.type else ANY for parameter in node.parameters)
    result: Type = (node.result.type or ANY) if node.result else ANY
    names = tuple(parameter.name for parameter in node.parameters)
    with compiler.local_names() as add:
        slots = [add(name, type_) for name, type_ in zip(names, types, strict=True)]
        body = compiler.compile(node.body)
    if node.is_external:
        return _external(names, types, result, body, compiler.position(node))
    run_body = body.run
    known = body.type if result is ANY else result

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        call = _closure_over(frame[:], slots, run_body)
        return Function("", names, call, parameter_types=types, result_type=result, known_result=known)

    return Code(run, FunctionType(types, known))


def _closure_over(
    captured: list[Value], slots: list[int], body: Closure
) -> Callable[[list[Value], Evaluation], Value]:
    def call(arguments: list[Value], evaluation: Evaluation) -> Value:
        own = captured[:]
        for slot, value in zip(slots, arguments, strict=True):
            own[slot] = value
        return body(own, evaluation)

    return call


def _external(
    names: tuple[str, ...], types: tuple[Type, ...], result: Type, body: Code, at: Position
) -> Code:
    run_body = body.run

    def run(frame: list[Value], evaluation: Evaluation) -> Value:
        try:
            return external_function(run_body(frame, evaluation), names, types, result, evaluation)
        except Undefined as error:
            return failed(evaluation, error, at)

    return Code(run, FunctionType(types, result))
