"""The people for OpenFisca's country template: drawn alike for it and for us, in plain NumPy columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MONTH = "2018-01"
OCCUPANCY = ("owner", "tenant", "free_lodger", "homeless")
PERSON = ("age", "basic_income", "pension", "income_tax", "social_security_contribution")
HOUSEHOLD = ("parenting_allowance", "housing_tax", "total_benefits", "total_taxes", "disposable_income")


@dataclass(frozen=True)
class People:
    """Persons and the households that they live in.

    Attributes:
        starts: Where each household's persons begin; one more at the end.
        home: The household of each person.
        birth: Date of birth of each person.
        salary: Whole euros a month.
        capital: Returns, likewise.
        is_adult: Whether a person has the role of an adult.
        size: Square metres of each home.
        occupancy: Places among `OCCUPANCY`.
    """

    starts: NDArray[np.int32]
    home: NDArray[np.int32]
    birth: NDArray[np.datetime64]
    salary: NDArray[np.int32]
    capital: NDArray[np.int32]
    is_adult: NDArray[np.bool_]
    size: NDArray[np.int32]
    occupancy: NDArray[np.int32]


def draw(people: int, seed: int = 1) -> People:
    """Draw so many persons: one or two adults a home, and up to three children."""
    draws = np.random.default_rng(seed)
    sizes = draws.integers(1, 6, people, np.int32)
    ends = np.cumsum(sizes)
    homes = int(np.searchsorted(ends, people, "left")) + 1
    ends = ends[:homes].astype(np.int32)
    ends[-1] = people
    starts = np.concatenate([np.zeros(1, np.int32), ends])
    counts = np.diff(starts)
    home = np.repeat(np.arange(homes, dtype=np.int32), counts)
    place = np.arange(people, dtype=np.int32) - starts[home]
    is_adult = place < np.where(counts >= 2, 1 + draws.integers(0, 2, homes), 1)[home]
    years = np.where(is_adult, draws.integers(18, 90, people), draws.integers(0, 18, people))
    birth = np.datetime64("2017-12-31") - (years * 365 + draws.integers(0, 365, people))
    salary = np.where(is_adult & (draws.random(people) < 0.7), draws.integers(0, 15_000, people), 0)
    capital = np.where(draws.random(people) < 0.1, draws.integers(0, 2_000, people), 0)
    return People(
        starts=starts,
        home=home,
        birth=birth.astype("datetime64[D]"),
        salary=salary.astype(np.int32),
        capital=capital.astype(np.int32),
        is_adult=is_adult,
        size=draws.integers(10, 200, homes, np.int32),
        occupancy=draws.integers(0, 4, homes, np.int32),
    )


def in_blocks(people: People, homes: int = 16_384) -> Iterator[People]:
    """Cut a population into blocks of whole households."""
    for at in range(0, len(people.size), homes):
        starts = people.starts[at : at + homes + 1]
        first, last = int(starts[0]), int(starts[-1])
        yield People(
            starts=starts - first,
            home=people.home[first:last],
            birth=people.birth[first:last],
            salary=people.salary[first:last],
            capital=people.capital[first:last],
            is_adult=people.is_adult[first:last],
            size=people.size[at : at + homes],
            occupancy=people.occupancy[at : at + homes],
        )


def exact_sums(people: People) -> dict[str, int]:
    """The ten sums in cents, in whole numbers, written by hand from the template's formulas."""
    month = people.birth.astype("datetime64[M]")
    day = (people.birth - month).astype(np.int64) + 1
    of_year = month.astype(np.int64) % 12 + 1
    is_past = (of_year < 1) | ((of_year == 1) & (day <= 1))
    age = 2018 - (people.birth.astype("datetime64[Y]").astype(np.int64) + 1970) - np.where(is_past, 0, 1)
    salary, capital = people.salary.astype(np.int64), people.capital.astype(np.int64)
    basic, pension = np.where(age >= 18, 600, 0), (age >= 62).astype(np.int64)
    tax = (salary + capital + pension) * 15
    share = salary * 2 + np.maximum(0, salary - 6000) * 4 + np.maximum(0, salary - 12_400) * 6

    def by_home(column: NDArray[np.generic]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.add.reduceat(column, people.starts[:-1], dtype=np.int64)
        return found

    income = by_home(salary)
    young, small = by_home(age < 8) > 0, by_home(age < 6) > 0
    alone = by_home(people.is_adult) == 1
    parents = np.where((income <= 500) & ((alone & young) | small), 600, 0)
    housing = np.where(people.occupancy <= 1, np.maximum(people.size.astype(np.int64) * 10, 200), 0)
    monthly = (housing * 100 * 2 + 12) // 24  # cents, half up
    taxes = by_home(tax) + by_home(share) + monthly
    benefits = by_home(basic)
    disposable = (income + by_home(capital) + by_home(pension) + benefits + parents) * 100 - taxes
    return {
        "age": int(age.sum()) * 100,
        "basic_income": int(basic.sum()) * 100,
        "pension": int(pension.sum()) * 100,
        "income_tax": int(tax.sum()),
        "social_security_contribution": int(share.sum()),
        "parenting_allowance": int(parents.sum()) * 100,
        "housing_tax": int(housing.sum()) * 100,
        "total_benefits": int(benefits.sum()) * 100,
        "total_taxes": int(taxes.sum()),
        "disposable_income": int(disposable.sum()),
    }
