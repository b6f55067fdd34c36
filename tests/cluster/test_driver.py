"""What the three nodes are given to do; without Ray, so that it cannot rot unseen between two runs on a cluster."""

from __future__ import annotations

import pytest

from commonweal.engines import executor

pytest.importorskip("numpy", reason="needs the extra bulk")
pytest.importorskip("pyarrow", reason="needs the extra bulk")


def test_the_nodes_work_gives_the_same_figures_in_whatever_order_its_parts_come() -> None:
    from tests.cluster.three_nodes import added_up, reform

    plan, parts = reform(8_000)
    seen: list[int] = []
    figures = added_up(plan, parts, executor.Inline(), seen.append)
    assert seen == list(range(1, len(parts) + 1)) != [1]
    assert figures == added_up(plan, list(reversed(parts)), executor.Inline())
    assert figures["faults"] == 0
    assert figures["total"]["after_minor"] > figures["total"]["before_minor"] > 0
