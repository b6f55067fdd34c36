"""The section `award`: what a granting outcome grants."""

from __future__ import annotations

from commonweal.engines import feel
from commonweal.kernel.awards.sections import EXPECTED, AwardSource, CompiledAward
from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.expressions import compile_feel


@sections.register
class AwardSection(Section):
    """Term, amount and capacity of what is granted."""

    key = "award"
    schema = AwardSource
    order = 320

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledAward | None:
        """Compile the section's expressions over the answers, the look-ups and ``decision``."""
        if source is None:
            return None
        written: AwardSource = source.value
        expressions: dict[str, feel.Expression] = {}
        for name, text in written.expressions().items():
            expression = compile_feel(
                text,
                compilation.scope(),
                source=source,
                path=(name,),
                compilation=compilation,
                expects=EXPECTED[name],
                is_loose=True,
            )
            if expression is not None:
                expressions[name] = expression
        return CompiledAward(written, expressions, compilation.jurisdiction.currency)
