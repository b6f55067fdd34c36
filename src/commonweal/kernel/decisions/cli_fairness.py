"""`commonweal fairness SERVICE`: how a service's decisions come out by group, and what flips of facts change."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from commonweal.kernel.base.clock import now
from commonweal.kernel.base.errors import CommonwealError
from commonweal.kernel.base.types import Actor
from commonweal.kernel.decisions.actions import report_fairness
from commonweal.kernel.decisions.fairness.figures import public_figures


def main(argv: list[str]) -> int:
    """Work a report out, keep it and print it; return 1 where it is flagged, 2 where the call is wrong."""
    parser = argparse.ArgumentParser(prog="commonweal fairness", description="Compare a service's decisions.")
    parser.add_argument("service", help="key of a service that declares groups")
    parser.add_argument("--exact", action="store_true", help="show small groups too; not for publication")
    parser.add_argument("--json", action="store_true", dest="is_json", help="print the figures as JSON")
    options = parser.parse_args(argv)
    try:
        report = report_fairness(options.service, by=Actor.system("commonweal fairness"), at=now())
    except CommonwealError as error:
        sys.stderr.write(f"{error} ({options.service})\n")
        return 2
    figures = report.figures if options.exact else public_figures(report.figures)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n" if options.is_json else _text(figures))
    return int(report.is_flagged)


def _text(figures: Mapping[str, Any]) -> str:
    first = (
        f"{figures['decisions']} decisions, {figures['faults']} without an outcome; "
        f"{figures['flipped']} flipped, {figures['not_repeated']} of them come out otherwise today"
    )
    lines = [first]
    for division, rows in figures["groups"].items():
        lines.append(f"{division}:")
        lines += [f"  {row['group'] or 'not stated':20} {_rate(row)}" for row in rows]
    for attribute, flips in figures["flips"].items():
        lines.append(
            f"flip {attribute}: {flips['tried']} tried, {flips['outcomes']} outcomes and {flips['amounts']} amounts "
            f"changed; {flips['explained']} explained, {flips['unsourced']} by a rule without a source, "
            f"{flips['unexplained']} UNEXPLAINED"
        )
        lines += [
            f"  {rule['number']} by '{rule['rule']}' ({', '.join(rule['citations']) or 'no source'})"
            for rule in flips["rules"]
        ]
    return "\n".join(lines) + "\n"


def _rate(row: Mapping[str, Any]) -> str:
    if row["number"] is None:
        return "hidden"
    share = row["granted"] / row["number"]
    text = f"{row['granted']} of {row['number']} granted: {share:.1%} ({row['rate_low']:.1%} to {row['rate_high']:.1%})"
    if row["mean_minor"]:
        mean, low, high = (part / 100 for part in row["mean_minor"])
        text += f"; amount {mean:.2f} ({low:.2f} to {high:.2f})"
    return text
