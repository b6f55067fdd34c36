"""Adds up how decisions came out by group, and what flips changed; says what of it may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from commonweal.engines.disclosure import LEAST, hidden
from commonweal.engines.estimates import mean_interval, share_difference, wilson
from commonweal.kernel.decisions.fairness.flipping import EXPLAINED, UNEXPLAINED, UNSOURCED, Change

CONFIDENCE = 0.95


@dataclass
class Group:
    """Decisions about the people of one group.

    Attributes:
        number: Of decisions.
        granted: Of those that granted what was asked for.
        amounts_minor: What they granted, in cents.
    """

    number: int = 0
    granted: int = 0
    amounts_minor: list[int] = field(default_factory=list)


@dataclass
class Flips:
    """What came of changing one attribute.

    Attributes:
        tried: Flips in all.
        outcomes: Flips that changed the outcome.
        amounts: Flips that changed the amount only.
        kinds: Changed flips by kind.
        rules: Changed flips by the rule that names the attribute, and its citations.
    """

    tried: int = 0
    outcomes: int = 0
    amounts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)

    def add(self, change: Change | None) -> None:
        """Count one flip."""
        self.tried += 1
        if change is None:
            return
        self.outcomes += change.is_outcome
        self.amounts += not change.is_outcome
        self.kinds[change.kind] += 1
        if change.rule is not None:
            self.rules[change.rule.label, change.rule.citations] += 1


@dataclass
class Sums:
    """Everything that is counted of a service.

    Attributes:
        decisions: Automatic decisions that came to an outcome, the latest of each case.
        faults: Of those that came to none.
        not_repeated: Of those that come out otherwise when they are made again.
        groups: By division, then by group.
        flips: By attribute.
        flipped: Decisions whose facts were flipped.
    """

    decisions: int = 0
    faults: int = 0
    not_repeated: int = 0
    groups: dict[str, dict[str, Group]] = field(default_factory=dict)
    flips: dict[str, Flips] = field(default_factory=dict)
    flipped: int = 0

    def add(self, keys: Mapping[str, str], *, grants: bool, amount_minor: int | None) -> None:
        """Count one decision in its group of every division."""
        self.decisions += 1
        for division, key in keys.items():
            group = self.groups.setdefault(division, {}).setdefault(key, Group())
            group.number += 1
            group.granted += grants
            if grants and amount_minor is not None:
                group.amounts_minor.append(amount_minor)

    def as_json(self) -> dict[str, Any]:
        """Return the exact figures, as they are stored."""
        return {
            "decisions": self.decisions,
            "faults": self.faults,
            "not_repeated": self.not_repeated,
            "flipped": self.flipped,
            "groups": {
                division: [_group(key, groups) for key in sorted(groups)]
                for division, groups in self.groups.items()
            },
            "flips": {name: _flips(flips) for name, flips in self.flips.items()},
        }


def _group(key: str, groups: Mapping[str, Group]) -> dict[str, Any]:
    group = groups[key]
    others = [other for name, other in groups.items() if name != key]
    number, granted = sum(each.number for each in others), sum(each.granted for each in others)
    low, high = wilson(group.granted, group.number, confidence=CONFIDENCE)
    difference = (
        share_difference(group.granted, group.number, granted, number, confidence=CONFIDENCE)
        if number
        else None
    )
    mean = mean_interval(group.amounts_minor, confidence=CONFIDENCE) if len(group.amounts_minor) > 1 else None
    return {
        "group": key,
        "number": group.number,
        "granted": group.granted,
        "rate_low": round(low, 6),
        "rate_high": round(high, 6),
        "difference": [round(part, 6) for part in difference] if difference else None,
        "amounts": len(group.amounts_minor),
        "mean_minor": [round(part) for part in mean] if mean else None,
    }


def _flips(flips: Flips) -> dict[str, Any]:
    return {
        "tried": flips.tried,
        "outcomes": flips.outcomes,
        "amounts": flips.amounts,
        **{kind: flips.kinds[kind] for kind in (EXPLAINED, UNSOURCED, UNEXPLAINED)},
        "rules": [
            {"rule": rule, "citations": list(citations), "number": number}
            for (rule, citations), number in sorted(flips.rules.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def is_flagged(figures: Mapping[str, Any]) -> bool:
    """Whether a flip changed an outcome or an amount without a rule that names the attribute and cites the law."""
    return any(flips[UNSOURCED] or flips[UNEXPLAINED] for flips in figures["flips"].values())


def public_figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures that everybody may see: small groups are hidden, see :mod:`commonweal.engines.disclosure`."""
    groups = {name: _covered(rows) for name, rows in figures["groups"].items()}
    return {**figures, "groups": groups}


def _covered(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    mask = hidden([[row["granted"], row["number"] - row["granted"]] for row in rows], least=LEAST)
    shown = []
    for row, covered in zip(rows, mask, strict=True):
        if any(covered):
            gone = dict.fromkeys(row, None)
            shown.append({**gone, "group": row["group"]})
        elif 0 < row["amounts"] < LEAST:
            shown.append({**row, "mean_minor": None})
        else:
            shown.append(dict(row))
    return shown
