"""The catalogue conforms to CPSV-AP where its shapes are at hand; and the check finds what does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS
from tests.conformance import cpsv

SUITES = os.environ.get("COMMONWEAL_SUITES")
SHAPES = Path(SUITES) / "cpsv-ap/shacl/cpsv-ap-SHACL.ttl" if SUITES else None
needs_shapes = pytest.mark.skipif(
    SHAPES is None or not SHAPES.is_file(), reason="no CPSV-AP shapes: set COMMONWEAL_SUITES"
)


@pytest.mark.suite
@needs_shapes
def test_the_whole_catalogue_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    assert cpsv.main([]) == 0

    passed, total = capsys.readouterr().out.splitlines()[-1].removeprefix("cpsv: ").split("/")
    assert passed == total
    assert int(total) > 40


@pytest.mark.suite
@needs_shapes
def test_a_service_without_a_title_does_not() -> None:
    assert SHAPES is not None
    graph = cpsv.catalogue()
    graph.remove((URIRef(f"{cpsv.SITE}services/parking-permit/"), DCTERMS.title, None))

    passed, total, text = cpsv.check(graph, Graph().parse(SHAPES))

    assert total - passed == 1
    assert "parking-permit" in text


def test_no_shapes_is_said_aloud(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COMMONWEAL_SUITES", raising=False)

    assert cpsv.main([]) == 0
    assert "SKIPPED" in capsys.readouterr().out
