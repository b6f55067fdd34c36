"""Runs taxcalc, inside its own environment: units as JSON in, lines of the return as JSON out.

The switches put right, or switch off, what taxcalc 6.8.0 does otherwise than the law in scope; each has its reason beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import taxcalc

LINES = [
    "c00100", "standard", "senior_deduction", "c04800", "c05200", "c05800", "c07220", "odc", "c11070", "eitc",
    "ctc_total", "iitax",
]  # fmt: skip
# Marital status in columns: single, joint, separate, head of household, surviving spouse.
ALWAYS = {
    "eitc_claim_prob_scale": 9e99,  # everybody claims: the default drops credits at random
    "actc_claim_prob_scale": 9e99,
    "AMEDT_rt": 0,  # Additional Medicare tax and net investment income tax: out of scope
    "NIIT_rt": 0,
    "CR_SchR_hc": 1,  # credit for the elderly: out of scope
    "CTC_ps": [[200_000, 400_000, 200_000, 200_000, 200_000]],  # 24(h)(3): only joint returns have 400,000
}
BY_YEAR = {
    2023: {
        "STD_Aged": [[1850, 1500, 1500, 1850, 1500]],  # Rev. Proc. 2022-38; 63(f)(3)
        "II_brk6": [[578_125, 693_750, 346_875, 578_100, 693_750]],  # a separate return's last band
    },
    2024: {"STD_Aged": [[1950, 1550, 1550, 1950, 1550]]},
}
WITHOUT_CREDIT = {
    "EITC_c": [[0, 0, 0, 0]]
}  # for units that 32(d)(2) or 32(m) bars from the earned income credit


def run(year: int, rows: list[dict[str, float]], *, has_credit: bool) -> list[list[float]]:
    """Work out the units of a year; the lines in the order of `LINES`."""
    policy = taxcalc.Policy()
    switches = {**ALWAYS, **BY_YEAR.get(year, {}), **({} if has_credit else WITHOUT_CREDIT)}
    policy.implement_reform(
        {name: {year: value[0] if isinstance(value, list) else value} for name, value in switches.items()}
    )
    policy.set_year(year)
    records = taxcalc.Records(
        data=pd.DataFrame(rows), start_year=year, gfactors=None, weights=None, exact_calculations=True
    )
    calculator = taxcalc.Calculator(policy=policy, records=records, verbose=False)
    calculator.calc_all()
    found = calculator.dataframe(LINES)
    return [[float(value) for value in row] for row in found[LINES].to_numpy()]


def main() -> None:
    """Read groups of units from the file named first, write their lines to the one named second."""
    groups = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = [run(group["year"], group["rows"], has_credit=group["has_credit"]) for group in groups]
    found = {"version": taxcalc.__version__, "lines": LINES, "groups": answers}
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")


main()
