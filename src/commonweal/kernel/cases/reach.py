"""Finds stages that no case ever comes to, by trying every outcome of the decision; all else counts as unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from commonweal.engines import feel
from commonweal.kernel.base.declarations import Compilation, Source
from commonweal.kernel.base.expressions import Verdict, judge, new_evaluation
from commonweal.kernel.cases.types import CompiledStage

_ANY_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


def check_reach(stages: Mapping[int, CompiledStage], source: Source, compilation: Compilation) -> None:
    """Report stages whose condition is never true, and those behind a stage that closes every case.

    Args:
        stages: By their place among the steps, in order.
        source: The section in which they stand.
        compilation: What is wrong is added to its problems.
    """
    is_closed = False
    for at, stage in stages.items():
        if is_closed:
            message = f"No case comes to '{stage.key}': all are closed before."
            hint = "Put it before the stage of kind 'close', or remove it."
            compilation.problems.append(source.problem(("steps", at), "stages.unreachable", message, hint))
            return
        if stage.when is not None and _is_never(stage.when, compilation):
            message = f"No case comes to '{stage.key}': this is never true, whatever the decision is."
            hint = "Remove the stage, or mend the condition."
            place = ("steps", at, "when")
            compilation.problems.append(source.problem(place, "stages.unreachable", message, hint))
        is_closed = stage.kind == "close" and stage.when is None


def _is_never(condition: feel.Expression, compilation: Compilation) -> bool:
    """Whether a condition without problems of its own is false for every outcome, and before there is a decision."""
    if condition.problems:
        return False
    frame, evaluation = condition.scope.frame(missing=feel.UNKNOWN), new_evaluation(_ANY_DAY)
    slot = condition.scope.slot("decision")
    for decision in _decisions(compilation):
        if slot is not None:
            frame[slot] = decision
        if judge(condition, frame, evaluation).verdict is not Verdict.FALSE:
            return False
    return True


def _decisions(compilation: Compilation) -> Iterator[feel.Value]:
    """Yield what ``decision`` can be: null, and a context for each outcome of which nothing else is known."""
    yield None
    declared = compilation.names.get("decision")
    if isinstance(declared, feel.ContextType):
        for outcome in compilation.choices.get("decision.outcome", ()):
            yield {name: feel.UNKNOWN for name, _type in declared.members} | {"outcome": outcome}
