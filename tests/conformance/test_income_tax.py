"""A share of `./cw conformance income-tax`, where taxcalc has been installed for it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.conformance import income_tax
from tests.jurisdictions.port_alder.income_tax_by_hand import Unit


@pytest.mark.skipif(
    not income_tax.is_installed(), reason="no taxcalc here: ./cw conformance income-tax installs it"
)
def test_a_share_of_the_units_agrees_with_taxcalc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONWEAL_SECRET_KEY", "tests")  # the program sets what is not there
    found = income_tax.compare(400, seed=2026, processes=1)

    assert found.failures == []
    assert (found.passed, found.total) == (400, 400)
    assert min(found.rules.values()) > 0


def test_a_line_that_is_two_cents_off_is_a_difference() -> None:
    ours = dict.fromkeys(income_tax.OURS.values(), Decimal("10.00"))
    theirs = dict.fromkeys(income_tax.OURS, 10.0) | {"ctc_total": 30.0}

    assert income_tax.differences(ours, theirs | {"eitc": 10.01}) == []
    assert income_tax.differences(ours, theirs | {"eitc": 9.98}) == ["eitc 10.0000, taxcalc 9.9800"]
    assert income_tax.differences(ours, theirs | {"ctc_total": 30.02}) == [
        "ctc_total 30.0000, taxcalc 30.0200"
    ]


def test_a_unit_is_told_as_taxcalc_takes_it() -> None:
    unit = Unit(2025, "J", 40, 38, wages=Fraction(50_000), spouse_wages=Fraction(1, 2), spouse_blind=True)

    row = income_tax.row_of(7, income_tax.Asked(unit, (2, 1, 5), is_counted=False))

    told = {
        name: row[name]
        for name in ("RECID", "MARS", "e00200", "age_spouse", "blind_spouse", "n24", "EIC", "XTOT")
    }
    assert told == {
        "RECID": 7, "MARS": 2, "e00200": 50_000.5, "age_spouse": 38, "blind_spouse": 1, "n24": 2, "EIC": 3, "XTOT": 5,
    }  # fmt: skip


def test_the_rule_that_bars_from_the_credit_is_named() -> None:
    separate = Unit(2025, "M", lives_apart=True)
    for unit, children, rule in [
        (separate, 0, income_tax.SEPARATE),
        (separate, 1, ""),
        (Unit(2025, "J", spouse_has_ssn=False), 2, income_tax.NUMBERS),
        (Unit(2025, "S", spouse_has_ssn=False), 2, ""),
    ]:
        assert income_tax.is_barred(income_tax.Asked(unit, (0, 0, children), is_counted=False)) == rule
