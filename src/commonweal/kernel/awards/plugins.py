"""The sections `award` and `change`: what a granting outcome grants, or changes about an award."""

from __future__ import annotations

from collections.abc import Mapping

from commonweal.engines import feel
from commonweal.kernel.awards.sections import (
    CHANGES,
    EXPECTED,
    AwardSource,
    ChangeSource,
    CompiledAward,
    CompiledChange,
)
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel


def _compiled(
    written: Mapping[str, str],
    expected: Mapping[str, feel.Type],
    source: Source,
    compilation: Compilation,
    **more: feel.Type,
) -> dict[str, feel.Expression]:
    """Compile expressions over the answers, the look-ups, ``decision`` and more."""
    found: dict[str, feel.Expression] = {}
    for name, text in written.items():
        expression = compile_feel(
            text,
            feel.Scope(compilation.names | more),
            source=source,
            path=(name,),
            compilation=compilation,
            expects=expected[name],
            is_loose=True,
        )
        if expression is not None:
            found[name] = expression
    return found


@sections.register
class AwardSection(Section):
    """Term, amount and capacity of what is granted."""

    key = "award"
    schema = AwardSource
    order = 320

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledAward | None:
        """Compile the section's expressions."""
        if source is None:
            return None
        written: AwardSource = source.value
        expressions = _compiled(written.expressions(), EXPECTED, source, compilation)
        named = {"label": written.label} if written.label else {}
        label = _compiled(named, {"label": feel.STRING}, source, compilation, award=feel.ANY)
        return CompiledAward(
            written, expressions, compilation.jurisdiction.currency, label=label.get("label")
        )


@sections.register
class ChangeSection(Section):
    """What changes about an award that the applicant holds."""

    key = "change"
    schema = ChangeSource
    order = 330

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledChange | None:
        """Compile the section's expressions."""
        if source is None:
            return None
        written: ChangeSource = source.value
        expressions = _compiled(written.expressions(), CHANGES, source, compilation)
        when = _compiled(
            {"when": written.when} if written.when else {}, {"when": feel.BOOLEAN}, source, compilation
        )
        return CompiledChange(written, when.get("when"), expressions, compilation.jurisdiction.currency)

    def check(self, compiled: CompiledChange | None, source: Source | None, compilation: Compilation) -> None:
        """Complain about an award that no look-up finds."""
        look_ups = compilation.compiled.get("look_ups")
        if compiled is None or source is None or look_ups is None:
            return
        found = [name for name, spec, _ in look_ups.each if spec.award is not None]
        if compiled.spec.award not in found:
            message = f"No look-up '{compiled.spec.award}' finds an award of the applicant's."
            hint = f"Write one of: {', '.join(found)}." if found else "Add a look-up with 'award'."
            compilation.problems.append(source.problem(("award",), "change.award", message, hint))
