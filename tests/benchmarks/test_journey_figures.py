"""`./cw bench journey` says how steady the host was, and alters no figure in silence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run():
    before = sys.path[:]
    sys.path.insert(0, str(ROOT))
    from benchmarks.journey_run import figures, host

    yield figures, host
    sys.path[:] = before


def test_figures_are_as_measured_and_the_calm_ones_stand_beside(run):
    figures, _ = run
    slow, calm = figures.Sample(4.0, 2.0, 3.0), figures.Sample(2.0, 1.0, 1.5)

    found = figures.figures({"GET home": [slow, slow, calm]}, 1.5, {"GET home": 4})

    assert found == {
        "GET home": {
            "application_ms": 4.0,
            "database_ms": 2.0,
            "cpu_ms": 6.0,
            "calm_ms": 3.0,
            "samples": 3,
            "queries": 4,
        }
    }


def test_a_host_is_trusted_only_where_it_is_steady_and_others_leave_it_alone(run):
    _, host = run

    steady = host.host([1.0, 1.1, 1.2] * 10, 0.05)
    swinging = host.host([1.0, 1.1, 1.6] * 10, 0.05)
    shared = host.host([2.0, 2.1, 2.2] * 10, 0.4)

    assert [each.is_trusted for each in (steady, swinging, shared)] == [True, False, False]
    assert round(swinging.spread, 2) == 1.6
    assert "are to be trusted" in steady.verdict()
    assert all("DO NOT TRUST" in each.verdict() for each in (swinging, shared))


def test_a_host_that_does_not_say_what_others_did_is_judged_by_its_swing(run):
    _, host = run

    assert host.host([1.0, 1.1, 1.2] * 10).is_trusted


def test_two_checkouts_are_compared_turn_by_turn(run):
    figures, _ = run
    before = [figures.Sample(2.0, 0.0, 1.0), figures.Sample(4.0, 0.0, 2.0), figures.Sample(10.0, 0.0, 5.0)]
    after = [figures.Sample(1.0, 0.0, 1.0), figures.Sample(2.0, 0.0, 2.0), figures.Sample(9.0, 0.0, 5.0)]

    assert figures.in_turns(before, after) == 0.5
