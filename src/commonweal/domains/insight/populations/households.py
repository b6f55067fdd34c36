"""Makes the households of a block: who lives together, what they earn, receive, pay and own.

Everything is whole numbers in NumPy columns; a step of the making is a method, in the order of life: people,
work, benefits, costs.
"""

from __future__ import annotations

import math
from functools import cache, cached_property

import numpy as np

from commonweal.domains.insight.populations import marginals as m
from commonweal.domains.insight.populations.drawing import (
    Draws,
    Flags,
    Ints,
    amounts,
    parts_by_age,
    read,
    shares,
)
from commonweal.domains.insight.populations.places import PLACES, Block

ROLES = "hpgoc"
HEAD, PARTNER, GRANDPARENT, OTHER, CHILD = range(5)
_TYPES = [kind.key for kind in m.HOUSEHOLD_TYPES]
_SHARING = _TYPES.index("sharing")
_COUPLES = [at for at, kind in enumerate(m.HOUSEHOLD_TYPES) if "p" in kind.roles]
_MOST = 12
"""Members of a household, with room to spare."""


@cache
def _amounts(name: str) -> Ints:
    return amounts(m.AMOUNTS[name])


@cache
def _by_age(name: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return parts_by_age(m.BY_AGE[name])


@cache
def _head_ages(kind: int) -> Ints:
    return amounts(m.HOUSEHOLD_TYPES[kind].head_age)


@cache
def _role_table() -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    """What the member at each position is, by type of household."""
    table = np.full((len(_TYPES), _MOST), CHILD, np.int8)
    for at, kind in enumerate(m.HOUSEHOLD_TYPES):
        table[at, : len(kind.roles)] = [ROLES.index(role) for role in kind.roles]
    return table


@cache
def _rooms() -> Ints:
    """Thousandths of the square root of a household's size, by which its income is shared."""
    return np.array([max(1, math.isqrt(1_000_000 * size)) for size in range(_MOST + 1)], np.int32)


class Households:
    """The households of one block, as NumPy columns.

    Attributes:
        block: Whose they are.
        kind: The place among `marginals.HOUSEHOLD_TYPES`, a household each.
        sizes: Members, likewise.
        starts: Where a household's members begin.
        home: To which household a member belongs.
        role: `HEAD`, `PARTNER`, `GRANDPARENT`, `OTHER` or `CHILD`.
        age: Years.
        facts: Columns of members, by the name that the law's model has for them.
        costs: Columns of households, likewise.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        self.draws = Draws(block.seed, list(PLACES).index(block.place), block.number)
        self.facts: dict[str, Ints | Flags] = {}
        self.costs: dict[str, Ints | Flags] = {}
        self._gather()
        self._grow_up()
        self._work()
        self._receive()
        self._spend()

    # ---- who lives together ------------------------------------------------------------------

    def _gather(self) -> None:
        """Draw types and sizes until everybody has a home; the last few live alone."""
        people = self.block.people
        tried = min(people, people // 2 + 64)
        kind = read(shares([kind.share for kind in m.HOUSEHOLD_TYPES]), self.draws.take(tried))
        sizes = self._sizes(kind, tried)
        reach = np.cumsum(sizes)
        kept = int(np.searchsorted(reach, people, "right"))
        alone = people - (int(reach[kept - 1]) if kept else 0)
        self.kind = np.concatenate([kind[:kept], np.zeros(alone, np.int8)])
        self.sizes = np.concatenate([sizes[:kept], np.ones(alone, np.int32)])
        ends = np.cumsum(self.sizes, dtype=np.int32)
        self.starts = ends - self.sizes
        self.home = np.repeat(np.arange(len(ends), dtype=np.int32), self.sizes)
        place = np.arange(people, dtype=np.int32) - self.starts[self.home]
        self.role = _role_table().ravel()[self.kind[self.home].astype(np.int32) * _MOST + place]

    def _sizes(self, kind: np.ndarray[tuple[int], np.dtype[np.int8]], tried: int) -> Ints:
        """Draw how many live together: the adults of the type, and its children."""
        draws = self.draws.take(tried)
        table = np.array(
            [
                kind.adults[0] + shares(kind.children) + 1 if kind.children else np.full(4096, kind.adults[0])
                for kind in m.HOUSEHOLD_TYPES
            ],
            np.int32,
        )
        table[_SHARING] = 2 + shares(m.SHARING_SIZES)
        found: Ints = table.ravel()[kind.astype(np.int32) * 4096 + (draws >> 4)]
        return found

    def _grow_up(self) -> None:
        """Draw ages: the head by the type, everybody else by the head."""
        homes = len(self.kind)
        table = np.concatenate([_head_ages(at) for at in range(len(_TYPES))])
        head = table[self.kind.astype(np.int32) * 4096 + (self.draws.take(homes) >> 4)]
        draws = self.draws.take(self.block.people).astype(np.int32)
        of_head = head[self.home]
        by_role = np.array([0, -6, 22, -8, 0], np.int32)[self.role]
        width = np.array([1, 13, 13, 17, 0], np.int32)[self.role]
        ages = of_head + by_role + (draws * width >> 16)
        is_child = self.role == CHILD
        child = draws * (np.minimum(17, of_head - 18) + 1) >> 16
        self.age: Ints = np.where(is_child, child, np.clip(ages, 18, 96)).astype(np.int32)
        self.facts["age"] = self.age
        self.is_grown = self.age >= 18
        self.is_older = self.age >= 65
        self.head_age = head

    # ---- what they earn ----------------------------------------------------------------------

    def _work(self) -> None:
        """Draw who is disabled, who works, and for how much."""
        people = self.block.people
        self.is_disabled = self.draws.chances(_by_age("disabled")[self.age])
        works = self.draws.chances(_by_age("works")[self.age])
        works &= ~self.is_disabled | self.draws.chance(people, m.DISABLED_WHO_WORK)
        self.works = works
        luck = self.draws.take(people)
        shared = (self.role == PARTNER) & self.draws.chance(people, m.SAME_LUCK)
        luck = np.where(shared, luck[self.starts][self.home], luck)
        pay = read(_amounts("earnings"), luck)
        pay = np.where(self.age < 20, pay >> 2, pay)
        self.pay: Ints = np.where(works, pay, 0)
        own = works & self.draws.chance(people, m.SELF_EMPLOYED)
        cost_share = self.draws.take(people).astype(np.int32) * 70 >> 16
        receipts = np.where(own, self.pay + (self.pay >> 2), 0)
        self.facts["in_school"] = (self.age >= 5) & (self.age < 18)
        self.facts["earned"] = np.where(own, 0, self.pay)
        self.facts["self_employment_receipts"] = receipts
        self.facts["self_employment_costs"] = receipts * cost_share // 100
        self.home_pay = self.sums(self.pay)

    # ---- what they receive -------------------------------------------------------------------

    def _receive(self) -> None:
        """Draw pensions, benefits and other income."""
        people, draws = self.block.people, self.draws
        which = read(shares(m.DISABILITY_BENEFITS), draws.take(people))
        grown = self.is_disabled & self.is_grown & ~self.works & ~self.is_older
        retired = draws.chances(_by_age("retirement")[self.age])
        disability = grown & (which == 0)
        retired &= ~disability
        poor = (
            self.is_older & ~retired | self.is_disabled & ~self.is_grown & (self.home_pay < 2000)[self.home]
        )
        ssi = (
            grown & (which == 1)
            | poor & draws.chance(people, 40)
            | self.is_older & draws.chance(people, m.OLDER_WITH_SSI)
        )
        idle = self.is_grown & ~self.works & ~self.is_disabled
        facts = self.facts
        facts["receives_disability_benefit"] = grown & (which == 2)
        facts["social_security_retirement"] = self.paid("retirement", retired)
        facts["social_security_disability"] = self.paid("disability", disability)
        facts["ssi"] = self.paid("ssi", ssi)
        facts["tanf"] = self._family_aid()
        facts["unemployment"] = self.paid(
            "unemployment", idle & draws.chances(_by_age("unemployment")[self.age])
        )
        facts["other_unearned"] = self._other_income()

    def paid(self, name: str, who: Flags) -> Ints:
        """Draw an amount for those who have it."""
        found: Ints = np.zeros(len(who), np.int32)
        at = np.flatnonzero(who)
        found[at] = read(_amounts(name), self.draws.take(len(at)))
        return found

    def _family_aid(self) -> Ints:
        """Families with children and hardly any pay may receive aid; the head's is the whole family's."""
        poor = self.has_children & (self.home_pay < m.TANF_PAY)
        poor &= self.draws.chance(len(poor), m.TANF)
        found: Ints = np.zeros(self.block.people, np.int32)
        table = np.array(m.TANF_AMOUNTS, np.int32)
        at = np.flatnonzero(poor)
        found[self.starts[at]] = table[np.minimum(self.sizes[at], len(table)) - 1]
        return found

    def _other_income(self) -> Ints:
        people, draws = self.block.people, self.draws
        pensions = self.paid("pension", draws.chances(_by_age("pension")[self.age]))
        other = self.paid("other", self.is_grown & draws.chance(people, m.OTHER_INCOME))
        alone = (self.kind == _TYPES.index("one_parent"))[self.home] & (self.role == HEAD)
        support = self.paid("child_support", alone & draws.chance(people, m.CHILD_SUPPORT_RECEIVED))
        found: Ints = pensions + other + support
        return found

    # ---- what they pay and own ---------------------------------------------------------------

    def _spend(self) -> None:
        """Draw medical costs, support paid, housing, care and savings."""
        people, homes, draws = self.block.people, len(self.kind), self.draws
        self.facts["medical_expenses"] = self.paid("medical", draws.chances(_by_age("medical")[self.age]))
        apart = ~self.has_children[self.home] & (self.role == HEAD) & (self.age >= 22) & (self.age <= 58)
        self.facts["child_support_paid"] = self.paid(
            "child_support", apart & draws.chance(people, m.CHILD_SUPPORT_PAID)
        )
        is_older = self.head_age >= 65
        drawn = draws.take(homes)
        younger, older = (read(shares(weights), drawn) for weights in m.TENURE_SHARES)
        self.tenure = np.where(is_older, older, younger)
        single = np.isin(self.kind, [_TYPES.index("single"), _TYPES.index("one_parent")])
        self.is_homeless = single & draws.chance(homes, m.HOMELESS)
        self.tenure[self.is_homeless] = 0
        self.costs["rent_or_mortgage"] = self._housing()
        self.costs["dependent_care"] = self._care()
        savings: Ints = read(_amounts("resources"), draws.take(homes))
        self.costs["resources"] = savings << is_older
        self.costs["all_members_homeless"] = self.is_homeless

    def _housing(self) -> Ints:
        drawn = self.draws.take(len(self.kind))
        paid = np.choose(self.tenure, [read(_amounts(name), drawn) for name in ("rent", "mortgage", "owned")])
        bigger = 100 + 12 * np.minimum(self.sizes - 1, 4)
        found: Ints = np.where(self.is_homeless, 0, paid * bigger // 100).astype(np.int32)
        return found

    def _care(self) -> Ints:
        young = self.sums((self.age < 13) & (self.role == CHILD)) > 0
        idle = self.sums(~self.works & (self.role <= PARTNER)) > 0
        paying = young & ~idle & self.draws.chance(len(young), m.PAYS_CARE)
        return self.paid("care", paying)

    @cached_property
    def has_children(self) -> Flags:
        """Whether a household has children in it."""
        found: Flags = (
            self.sizes
            > np.array(
                [max(kind.adults) if not kind.children else kind.adults[0] for kind in m.HOUSEHOLD_TYPES]
            )[self.kind]
        )
        return found

    # ---- together ----------------------------------------------------------------------------

    def sums(self, column: Ints | Flags) -> Ints:
        """Add up a column of members for each household."""
        found: Ints = np.add.reduceat(column, self.starts, dtype=np.int32)
        return found

    @cached_property
    def income(self) -> Ints:
        """All money that comes in, a month: pay, what self-employment leaves, benefits, other income."""
        facts = self.facts
        whole = facts["earned"] + facts["self_employment_receipts"] - facts["self_employment_costs"]
        for name in (
            "social_security_retirement",
            "social_security_disability",
            "ssi",
            "tanf",
            "unemployment",
            "other_unearned",
        ):
            whole = whole + facts[name]
        return self.sums(whole)

    @cached_property
    def shared_income(self) -> Ints:
        """Income divided by the square root of the members: what compares households of all sizes."""
        found: Ints = (self.income.astype(np.int64) * 1000 // _rooms()[self.sizes]).astype(np.int32)
        return found
