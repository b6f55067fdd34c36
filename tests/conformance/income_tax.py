"""`./cw conformance income-tax`: the income tax as DMN beside taxcalc (PyPI, CC0), on random tax units.

taxcalc is installed into `var/income-tax-peer`, apart from our environment. Random units (all years, filing statuses, and kinds of
dependents; amounts with and without cents) are decided by the DMN engine: half of them from the facts of each person, the other half from numbers of
children and dependents. taxcalc gets the numbers, for the first half counted by the second working-out in
`tests/jurisdictions`. Twelve lines have to agree within one cent. What
taxcalc leaves out or has otherwise than the law is switched in `_taxcalc_driver.py`; two facts it does not know (a separate
return without the earned income credit, a filer without a social security number) are given to it as "no such credit". The
last line is `income-tax: passed/total`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "income-tax-peer"
PYTHON = PLACE / "venv" / "bin" / "python"
PEER = "taxcalc==6.8.0"
DRIVER = Path(__file__).with_name("_taxcalc_driver.py")
CENT = Decimal("0.01")
MARS = {"S": 1, "J": 2, "M": 3, "H": 4, "W": 5}
OURS = {
    "c00100": "adjusted_gross_income",
    "standard": "standard_deduction",
    "senior_deduction": "senior_deduction",
    "c04800": "taxable_income",
    "c05200": "tax",
    "c05800": "tax",
    "c07220": "child_tax_credit",
    "odc": "credit_for_other_dependents",
    "c11070": "additional_child_tax_credit",
    "eitc": "earned_income_credit",
    "iitax": "tax_after_credits",
}
SEPARATE = "26 USC 32(d)(2): no earned income credit on a separate return, taxcalc allows it"
NUMBERS = "26 USC 32(m): no earned income credit without a social security number, taxcalc does not ask"
PARENT = (
    "26 USC 24(h)(7): no child tax credit where no filer has a number (2025), counted as other dependents"
)
CLAIMED = "26 USC 152(b)(1): a filer who is a dependent has no dependents, taxcalc takes any number"


@dataclass(frozen=True)
class Compared:
    """What the comparison found.

    Attributes:
        total: Units compared.
        failures: In words, one for each unit with a line that differs.
        rules: How many units each rule touched that taxcalc lacks.
        version: Of taxcalc.
    """

    total: int
    failures: list[str]
    rules: Counter[str]
    version: str

    @property
    def passed(self) -> int:
        """Units with twelve lines within a cent."""
        return self.total - len(self.failures)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def is_installed() -> bool:
    """Whether taxcalc is there."""
    return (PLACE / "installed").exists() and (PLACE / "installed").read_text() == PEER


def install() -> None:
    """Install taxcalc into an environment of its own.

    Raises:
        SystemExit: It cannot be fetched.
    """
    if is_installed():
        return
    _say(f"installing {PEER} into {PLACE.relative_to(ROOT)} …")
    if not PYTHON.exists():
        venv.create(PLACE / "venv", with_pip=False, symlinks=True)
    uv = shutil.which("uv")
    command = (
        [uv, "pip", "install", "-q", "--python", str(PYTHON), PEER]
        if uv
        else [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "-q", PEER]
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{PEER} cannot be installed: {done.stderr.strip()[-300:]}")
    (PLACE / "installed").write_text(PEER)


@dataclass(frozen=True)
class Asked:
    """A unit, and how many children and dependents it has.

    Attributes:
        unit: The facts.
        counts: Children under 17, other dependents, children for the earned income credit.
        is_counted: Counted from the facts of each person; else the numbers are given to both sides.
    """

    unit: Any
    counts: tuple[int, int, int]
    is_counted: bool


def units(count: int, seed: int) -> list[Asked]:
    """Random units in what taxcalc can be told: exact amounts, no birthdays on 1 January, seniors with a number."""
    from tests.jurisdictions.port_alder.income_tax_by_hand import Return
    from tests.jurisdictions.port_alder.income_tax_units import random_unit

    chance = random.Random(seed)
    made = []
    for number in range(count):
        unit = _tellable(random_unit(chance))
        if number % 2:
            given = (chance.randrange(5), chance.randrange(3), chance.randrange(5))
            made.append(Asked(replace(unit, people=[]), given, is_counted=False))
        else:
            found = Return(unit)
            made.append(Asked(unit, (found.nc, found.no, found.ne), is_counted=True))
    return made


def _tellable(unit: Any) -> Any:
    is_joint = unit.filing_status == "J"
    return replace(
        unit,
        new_year_birthday=False,
        spouse_new_year_birthday=False,
        has_ssn=unit.has_ssn or unit.age >= 65,
        spouse_has_ssn=unit.spouse_has_ssn or unit.spouse_age >= 65,
        spouse_wages=unit.spouse_wages if is_joint else 0 * unit.wages,
        whole_dollars=False,
        tables=False,
    )


def is_barred(asked: Asked) -> str:
    """The rule that taxcalc lacks and that bars a unit from the earned income credit; empty where there is none."""
    unit = asked.unit
    if unit.filing_status == "M" and not (unit.lives_apart and asked.counts[2]):
        return SEPARATE
    if not unit.has_ssn or (unit.filing_status == "J" and not unit.spouse_has_ssn):
        return NUMBERS
    return ""


def row_of(number: int, asked: Asked) -> dict[str, float]:
    """A unit as taxcalc takes it."""
    unit, (children, others, earned) = asked.unit, asked.counts
    is_joint = unit.filing_status == "J"
    ages = [10] * children + [30] * others
    return {
        "RECID": number,
        "FLPDYR": unit.year,
        "MARS": MARS[unit.filing_status],
        "e00200p": float(unit.wages),
        "e00200s": float(unit.spouse_wages),
        "e00200": float(unit.wages + unit.spouse_wages),
        "e00300": float(unit.interest),
        "age_head": unit.age,
        "age_spouse": unit.spouse_age if is_joint else 0,
        "blind_head": int(unit.blind),
        "blind_spouse": int(is_joint and unit.spouse_blind),
        "DSI": int(unit.can_be_claimed_as_dependent),
        "MIDR": int(unit.spouse_itemises and unit.filing_status == "M"),
        "n24": children,
        "EIC": min(earned, 3),
        "XTOT": 1 + is_joint + children + others,
        "nu18": sum(age < 18 for age in ages),
        "nu13": sum(age < 13 for age in ages),
        "nu06": sum(age < 6 for age in ages),
    }


def taxcalc_lines(told: Sequence[Asked]) -> tuple[str, list[dict[str, float]]]:
    """Let taxcalc work out the units; its version, and the lines of each in order."""
    groups: dict[tuple[int, bool], list[int]] = {}
    for number, asked in enumerate(told):
        groups.setdefault((asked.unit.year, not is_barred(asked)), []).append(number)
    batches = [
        {"year": year, "has_credit": has_credit, "rows": [row_of(at + 1, told[at]) for at in numbers]}
        for (year, has_credit), numbers in groups.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        given, written = Path(folder, "units.json"), Path(folder, "lines.json")
        given.write_text(json.dumps(batches))
        done = subprocess.run(
            [str(PYTHON), "-W", "ignore", str(DRIVER), str(given), str(written)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"taxcalc failed: {done.stderr.strip()[-1000:]}")
        answer = json.loads(written.read_text())
    lines: list[dict[str, float]] = [{} for _ in told]
    for numbers, rows in zip(groups.values(), answer["groups"], strict=True):
        for at, row in zip(numbers, rows, strict=True):
            lines[at] = dict(zip(answer["lines"], row, strict=True))
    return str(answer["version"]), lines


_law: Any = None


def _prepare() -> None:
    """Compile the law once in each worker."""
    global _law  # noqa: PLW0603 - one for each process of the pool
    _set_up()
    from tests.jurisdictions.port_alder.income_tax_units import programme

    _law = programme()


def _decide(asked: Asked) -> dict[str, Decimal]:
    from tests.jurisdictions.port_alder.income_tax_units import decide

    value = decide(_law, asked.unit, None if asked.is_counted else asked.counts)
    return {name: Decimal(value[name]) for name in set(OURS.values())}


def _set_up() -> None:
    import django

    os.environ.setdefault("COMMONWEAL_SECRET_KEY", "conformance")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    django.setup()


def differences(ours: Mapping[str, Decimal], theirs: Mapping[str, float]) -> list[str]:
    """The lines that are more than a cent apart, in words."""
    mine = {line: ours[name] for line, name in OURS.items()}
    mine["ctc_total"] = mine["c07220"] + mine["odc"] + mine["c11070"]
    half = Decimal("0.000001")  # taxcalc's binary fractions
    return [
        f"{line} {mine[line]:.4f}, taxcalc {theirs[line]:.4f}"
        for line in theirs
        if abs(mine[line] - Decimal(str(theirs[line]))) > CENT + half
    ]


def compare(count: int, seed: int, processes: int = 2) -> Compared:
    """Compare random units, line by line."""
    sample = units(count, seed)
    version, theirs = taxcalc_lines(sample)
    if processes > 1:
        with get_context("spawn").Pool(processes, _prepare) as pool:
            ours = pool.map(_decide, sample, chunksize=250)
    else:
        _prepare()
        ours = [_decide(asked) for asked in sample]
    failures, rules = [], Counter[str]()
    for asked, mine, line in zip(sample, ours, theirs, strict=True):
        rules.update(_rules(asked))
        wrong = differences(mine, line)
        if wrong:
            failures.append(f"{'; '.join(wrong)}: {asked}")
    return Compared(count, failures, rules, version)


def _rules(asked: Asked) -> list[str]:
    unit = asked.unit
    has_number = unit.has_ssn or (unit.filing_status == "J" and unit.spouse_has_ssn)
    found = [is_barred(asked)]
    found += [PARENT] if unit.year >= 2025 and not has_number and unit.people else []
    found += [CLAIMED] if unit.can_be_claimed_as_dependent and unit.people else []
    return [rule for rule in found if rule]


def main(arguments: Sequence[str] | None = None) -> int:
    """Install taxcalc where it is missing, compare, print what differs; the last line is the score."""
    parser = argparse.ArgumentParser(prog="cw conformance income-tax")
    parser.add_argument("--units", type=int, default=20_000, help="how many random units (20,000)")
    parser.add_argument("--seed", type=int, default=26, help="another seed makes other units")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--suite", help="not needed: the units are made here")
    options = parser.parse_args(arguments)
    install()
    _set_up()
    found = compare(options.units, options.seed, options.processes)
    _say(f"taxcalc {found.version}, {found.total:,} units, seed {options.seed}, {len(OURS) + 1} lines each")
    for rule, touched in found.rules.most_common():
        _say(f"  {touched:6,} units: {rule}")
    for failure in found.failures[:20]:
        _say(f"  differs: {failure}")
    _say(f"income-tax: {found.passed}/{found.total}")
    return 0 if not found.failures else 1


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    os.nice(10)
    sys.exit(main())
