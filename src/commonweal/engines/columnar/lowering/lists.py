"""Lists: of constants, of a known length, over the members of a list column.

Loops over constants and over lists of known length are unrolled. Loops over members become nodes
in the members' space, and `sum`, `min`, `some` and their like lead back to the row.

Source: DMN 1.5, 10.3.2.5 (filter), 10.3.2.14 (for), 10.3.2.15 (quantified), 10.3.4.4 (list functions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from commonweal.engines.columnar.errors import Refusal
from commonweal.engines.columnar.ir import Node
from commonweal.engines.columnar.lowering.expressions import is_number, lower, lowers
from commonweal.engines.columnar.lowering.merging import null_of
from commonweal.engines.columnar.lowering.positions import by_position
from commonweal.engines.columnar.lowering.scopes import Names
from commonweal.engines.columnar.lowering.sequences import LONGEST_UNROLLED, as_list, elements_of
from commonweal.engines.columnar.lowering.truths import is_unknown, ternary, truth
from commonweal.engines.columnar.lowering.work import NULL, Loop, Work
from commonweal.engines.columnar.symbols import Constant, Items, Members, Record, Symbol, Truth
from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.types import Range

__all__ = ["quantify"]


def _mapped(
    source: Items | Members, do: Callable[[Symbol, Loop | None], Symbol], work: Work
) -> Items | Members:
    """What becomes of each element; ``do`` also gets the loop that it is in."""
    if isinstance(source, Members):
        with work.loop(source.path, source.mask) as loop:
            element = do(source.element, loop)
        return Members(source.path, source.most, source.mask, element, source.is_whole)
    return Items(tuple((present, do(element, None)) for present, element in elements_of(source, work)))


# Loops


def _source(node: s.Iteration, names: Names, work: Work) -> Items | Members:
    low = lower(node.source, names, work)
    if node.end_source is not None:
        high = lower(node.end_source, names, work)
        return _span(low, high, work)
    if isinstance(low, Constant) and isinstance(low.value, Range):
        if not (low.value.low_closed and low.value.high_closed):
            raise Refusal("a loop over an open range")
        return _span(Constant(low.value.low), Constant(low.value.high), work)
    if is_unknown(low) or (isinstance(low, Constant) and low.value is None):
        work.fault(work.b.true)
        return Items(())
    work.fault(null_of(work, low))
    return as_list(low, work)


def _span(low: Symbol, high: Symbol, work: Work) -> Items:
    """Whole steps between two constants."""
    if not isinstance(low, Constant) or not isinstance(high, Constant):
        raise Refusal("a loop over a range with ends that differ by row")
    first, last = low.value, high.value
    if not isinstance(first, Decimal) or not isinstance(last, Decimal) or first % 1 or last % 1:
        raise Refusal("a loop over a range other than of whole numbers")
    if abs(last - first) >= LONGEST_UNROLLED:
        raise Refusal(f"a loop of {abs(last - first) + 1} steps")
    step = 1 if last >= first else -1
    return Items(
        tuple((work.b.true, Constant(Decimal(i))) for i in range(int(first), int(last) + step, step))
    )


def _iterate(
    iterations: Sequence[s.Iteration], names: Names, work: Work, body: Callable[[Names], Symbol]
) -> Items | Members:
    first, *others = iterations
    source = _source(first, names, work)

    def do(element: Symbol, loop: Loop | None) -> Symbol:
        inside = Names({first.name: element}, names, loop=loop)
        return body(inside)

    if not others:
        return _mapped(source, do, work)
    if isinstance(source, Members):
        raise Refusal("a loop over members and another list at once")
    parts: list[tuple[Node, Symbol]] = []
    for present, element in elements_of(source, work):
        inner = _iterate(others, Names({first.name: element}, names), work, body)
        if isinstance(inner, Members):
            raise Refusal("a loop over members and another list at once")
        parts.extend((work.b.both(present, there), made) for there, made in inner.entries)
        if len(parts) > LONGEST_UNROLLED:
            raise Refusal("a loop with too many rounds")
    return Items(tuple(parts))


@lowers(s.For)
def _for(node: s.For, names: Names, work: Work) -> Symbol:
    if any(isinstance(part, s.Name) and part.name == "partial" for part in s.walk(node.body)):
        raise Refusal("`partial` in a loop")
    made = _iterate(node.iterations, names, work, lambda inside: lower(node.body, inside, work))
    return _constant_again(made, work)


def _constant_again(made: Items | Members, work: Work) -> Symbol:
    """A list of constants that are all there is a constant."""
    if isinstance(made, Items) and all(
        present is work.b.true and isinstance(element, Constant) for present, element in made.entries
    ):
        return Constant([element.value for _, element in made.entries if isinstance(element, Constant)])
    return made


@lowers(s.Quantified)
def _quantified(node: s.Quantified, names: Names, work: Work) -> Symbol:
    made = _iterate(node.iterations, names, work, lambda inside: lower(node.condition, inside, work))
    return quantify(made, work, decisive=node.quantifier == "some")


def quantify(made: Items | Members, work: Work, *, decisive: bool) -> Symbol:
    """``some`` or ``every`` of conditions that are there."""
    if isinstance(made, Items):
        return _quantified_items(made, work, decisive=decisive)
    b = work.b
    if is_unknown(made.element):
        work.fault(b.true)
        return NULL
    with work.loop(made.path, made.mask):
        one = truth(work, made.element)
    decides = one.node if decisive else b.both(b.opposite(one.node), b.opposite(one.null))
    decided = b.any(made.path, b.both(made.mask, decides))
    null = b.both(b.any(made.path, b.both(made.mask, one.null)), b.opposite(decided))
    return Truth(decided if decisive else b.both(b.opposite(decided), b.opposite(null)), null)


def _quantified_items(made: Items, work: Work, *, decisive: bool) -> Symbol:
    b = work.b
    found = []
    for present, element in elements_of(made, work):
        if is_unknown(element):
            work.fault(b.true)
            continue
        one = truth(work, element)
        # What is not there has no say.
        node = b.both(present, one.node) if decisive else b.either(b.opposite(present), one.node)
        found.append(Truth(node, b.both(present, one.null)))
    answer = ternary(work, found, decisive=decisive)
    is_known = answer.null is b.false and answer.node.constant is not None
    return Constant(bool(answer.node.constant)) if is_known else answer


# Filters


@lowers(s.Filter)
def _filter(node: s.Filter, names: Names, work: Work) -> Symbol:
    source = lower(node.source, names, work)
    if is_unknown(source):
        return source
    if isinstance(source, Constant) and source.value is None:
        return _filtered_null(node, names, work)
    # A single value that is null stays null: rare, and for the Decimal rows.
    work.fault(null_of(work, source))
    if not _uses_item(node.condition, source):
        with_position = lower(node.condition, names, work)
        if is_unknown(with_position):
            return with_position
        if is_number(with_position):
            return by_position(source, with_position, work)
        holds = truth(work, with_position).node
        return _kept(as_list(source, work), lambda element, loop: Truth(holds, work.b.false), work)

    def test(element: Symbol, loop: Loop | None) -> Symbol:
        visible: dict[str, Symbol] = {"item": element, **_entries(element, work)}
        inside = Names(visible, names, loop=loop)
        return lower(node.condition, inside, work)

    return _kept(as_list(source, work), test, work)


def _filtered_null(node: s.Filter, names: Names, work: Work) -> Symbol:
    position = lower(node.condition, names, work)
    return work.failed() if is_number(position) else NULL


def _entries(element: Symbol, work: Work) -> dict[str, Symbol]:
    if isinstance(element, Record):
        return element.entries
    if isinstance(element, Constant) and isinstance(element.value, dict):
        return {name: Constant(value) for name, value in element.value.items()}
    return {}


def _uses_item(condition: s.Node, source: Symbol) -> bool:
    known = _member_names(source)
    return any(
        isinstance(part, s.Name) and (part.name == "item" or part.name in known) for part in s.walk(condition)
    )


def _member_names(source: Symbol) -> set[str]:
    """The entries that an element of the list may have."""
    if isinstance(source, Members):
        return _names_in(source.element)
    if isinstance(source, Items):
        return set[str]().union(*(_names_in(element) for _, element in source.entries))
    if isinstance(source, Constant) and isinstance(source.value, list):
        return set[str]().union(*(_names_in(Constant(element)) for element in source.value))
    return _names_in(source)


def _names_in(element: Symbol) -> set[str]:
    if isinstance(element, Record):
        return set(element.entries)
    return set(element.value) if isinstance(element, Constant) and isinstance(element.value, dict) else set()


def _kept(source: Items | Members, test: Callable[[Symbol, Loop | None], Symbol], work: Work) -> Symbol:
    """The elements that pass; a test that is null does not."""
    b = work.b
    answers = _mapped(source, test, work)
    if isinstance(source, Members) and isinstance(answers, Members):
        if is_unknown(answers.element):
            work.fault(b.true)
            return source
        if is_number(answers.element):
            raise Refusal("a position that differs by element")
        with work.loop(source.path, source.mask):
            passes = truth(work, answers.element).node
        return Members(source.path, source.most, b.both(source.mask, passes), source.element, is_whole=False)
    assert isinstance(source, Items)
    assert isinstance(answers, Items)
    kept = []
    for (present, element), (_, answer) in zip(source.entries, answers.entries, strict=True):
        if is_number(answer):
            raise Refusal("a position that differs by element")
        with work.under(present):
            if is_unknown(answer):
                work.fault(b.true)
                continue
            there = b.both(present, truth(work, answer).node)
        if there is not b.false:
            kept.append((there, element))
    return _constant_again(Items(tuple(kept)), work)
