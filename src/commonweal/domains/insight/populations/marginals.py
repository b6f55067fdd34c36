"""The shares and amounts from which populations are made. They are made, not measured.

Nothing here is a statistic of a real place. The figures are round ones, chosen so that every branch of the
law is met by a plausible number of households; only the people of a district come from elsewhere (the
jurisdiction's own file). Whoever has measured figures puts them here: the generator reads nothing else.

Shares are parts of a whole, in any unit. Amounts are dollars a month at percentiles, read in between along
straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

Marks = tuple[tuple[int, int], ...]
"""Percentile and amount, both rising; the first percentile is 0, the last 100."""

SOURCE = "made, not measured"


@dataclass(frozen=True, slots=True)
class HouseholdType:
    """A kind of household.

    Attributes:
        key: Stored in the column ``household_type``.
        label: As people read it.
        share: Of all households, in tenths of a percent.
        adults: Members before the children, the first being the head.
        roles: What the adults are, in order.
        children: Shares of one, two, three … children; empty where there are none.
        head_age: Ages of the head.
    """

    key: str
    label: str
    share: int
    adults: tuple[int, ...]
    roles: str
    children: tuple[int, ...]
    head_age: Marks


GROWN: Marks = ((0, 18), (10, 23), (30, 30), (50, 39), (70, 49), (90, 60), (100, 64))
PARENTS: Marks = ((0, 20), (10, 27), (30, 33), (50, 38), (70, 43), (90, 50), (100, 58))
OLDER: Marks = ((0, 65), (30, 69), (60, 75), (80, 81), (95, 89), (100, 96))
SHARERS: Marks = ((0, 18), (30, 22), (60, 27), (80, 35), (95, 50), (100, 64))

HOUSEHOLD_TYPES = (
    HouseholdType("single", "One adult under 65", 175, (1,), "h", (), GROWN),
    HouseholdType("single_older", "One person of 65 or older", 110, (1,), "h", (), OLDER),
    HouseholdType("couple", "Couple without children", 180, (2,), "hp", (), GROWN),
    HouseholdType("couple_older", "Couple, the first 65 or older", 115, (2,), "hp", (), OLDER),
    HouseholdType("couple_children", "Couple with children", 210, (2,), "hp", (40, 40, 14, 6), PARENTS),
    HouseholdType("one_parent", "One parent with children", 80, (1,), "h", (55, 31, 10, 4), PARENTS),
    HouseholdType("generations", "Three generations", 40, (3,), "hpg", (40, 40, 14, 6), PARENTS),
    HouseholdType("sharing", "Adults who share a home", 90, (2, 3, 4), "hooo", (), SHARERS),
)
SHARING_SIZES = (60, 25, 15)
"""Shares of two, three and four adults in a shared home."""

BY_AGE: dict[str, tuple[tuple[int, float], ...]] = {
    "works": (
        (0, 0),
        (16, 20),
        (18, 58),
        (20, 78),
        (25, 89),
        (55, 74),
        (62, 50),
        (65, 28),
        (70, 15),
        (75, 6),
    ),
    "disabled": ((0, 2), (18, 4), (45, 10), (65, 16), (75, 24)),
    "retirement": ((0, 0), (62, 35), (65, 60), (67, 85), (70, 93)),
    "pension": ((0, 0), (55, 8), (62, 22), (65, 34)),
    "unemployment": ((0, 0), (18, 18), (65, 0)),
    "medical": ((0, 12), (18, 30), (60, 78)),
}
"""Percent of the people from an age on: who works (if not disabled), is disabled, and so on.

Unemployment is a share of those who do not work.
"""

DISABLED_WHO_WORK = 20
"""Percent of the disabled who work, of those who would otherwise."""

DISABILITY_BENEFITS = (55, 30, 15)
"""Of disabled adults under 65: social security, SSI, another disability benefit."""

OLDER_WITH_SSI = 4
"""Percent of those of 65 and older without much of a pension who receive SSI."""

SELF_EMPLOYED = 9
"""Percent of those who work."""

SAME_LUCK = 40
"""Percent of the second adults whose pay stands where that of the first stands."""

AMOUNTS: dict[str, Marks] = {
    "earnings": (
        (0, 120), (5, 600), (10, 1_050), (20, 1_900), (30, 2_650), (40, 3_350), (50, 4_150), (60, 5_100),
        (70, 6_300), (80, 7_950), (90, 11_000), (95, 15_000), (99, 31_000), (100, 60_000),
    ),
    "retirement": ((0, 400), (10, 900), (50, 1_850), (90, 3_000), (100, 4_100)),
    "disability": ((0, 500), (10, 850), (50, 1_450), (90, 2_500), (100, 3_600)),
    "ssi": ((0, 60), (20, 320), (50, 740), (60, 943), (100, 967)),
    "pension": ((0, 40), (25, 350), (50, 900), (75, 1_900), (95, 4_200), (100, 7_500)),
    "other": ((0, 10), (50, 140), (90, 900), (100, 2_400)),
    "child_support": ((0, 60), (50, 380), (90, 900), (100, 1_500)),
    "unemployment": ((0, 900), (50, 2_300), (90, 4_000), (100, 4_400)),
    "medical": ((0, 5), (50, 60), (80, 190), (95, 620), (100, 2_400)),
    "rent": ((0, 250), (10, 750), (25, 1_100), (50, 1_500), (75, 2_050), (95, 3_100), (100, 4_600)),
    "mortgage": ((0, 500), (10, 1_150), (50, 2_150), (90, 3_900), (100, 7_000)),
    "owned": ((0, 120), (50, 480), (90, 900), (100, 1_800)),
    "care": ((0, 60), (25, 320), (50, 720), (75, 1_250), (95, 2_100), (100, 3_000)),
    "resources": (
        (0, 0), (15, 60), (30, 700), (45, 2_600), (60, 8_500), (75, 30_000), (90, 140_000), (98, 600_000),
        (100, 3_000_000),
    ),
    "interest": ((0, 1), (50, 60), (80, 500), (95, 4_000), (100, 40_000)),
}  # fmt: skip
"""Dollars a month (a year for ``interest``) of those who have any."""

TENURES = ("rents", "mortgage", "owns")
TENURE_SHARES = ((41, 44, 15), (24, 21, 55))
"""Who rents, pays a mortgage, owns: the head under 65, and older."""

PAYS_HEATING = (78, 97, 97)
"""Percent, by tenure."""

UTILITY_KINDS = (6, 12, 30, 32, 20)
"""Shares of none, one, two, three and four kinds of utilities paid beside the telephone."""

TELEPHONE = 94
HOMELESS = 0.6
"""Percent of the single adults and one-parent families."""

PAYS_CARE = 45
"""Percent of families with a child under 13 in which every parent works."""

CHILD_SUPPORT_RECEIVED = 28
"""Percent of one-parent families."""

CHILD_SUPPORT_PAID = 3
"""Percent of first adults between 22 and 58 in homes without children."""

OTHER_INCOME = 8
"""Percent of adults with interest, rents or the like."""

TANF = 40
"""Percent of families with children and pay under `TANF_PAY` dollars."""

TANF_PAY = 400
TANF_AMOUNTS = (450, 570, 706, 833, 959, 1_090, 1_259, 1_386)
"""By the number of people; the last for more."""

CIRCUMSTANCES: dict[str, float] = {
    "immigration_question": 3.0,
    "student_in_higher_education": 2.2,
    "work_rules_question": 1.2,
    "disqualified_member": 0.4,
    "lottery_or_gambling_win": 0.02,
    "on_strike": 0.05,
}
"""Percent of households to which an officer would have to look."""

INTEREST = 38
"""Percent of tax units with taxable interest."""

BLIND = 0.5
"""Percent of taxpayers."""

UNMARRIED = 18
"""Percent of couples: each files a return."""

WITH_SSN = 97
"""Percent of filers and of dependents with a social security number."""

DEPENDENT_INCOME = 5_000
"""Dollars a year under which a grandparent is a dependent."""

WITHHELD = 9
"""Percent of wages."""

SNAP_BY_SHARED_INCOME = ((900, 62), (1_500, 48), (2_200, 22), (2_900, 5))
"""Percent of households with SNAP, by what is shared a month being below an amount; above the last, none."""

MEDICAID_BESIDE_SNAP = 92
"""Percent of those with SNAP or TANF."""

DIRECTLY_CERTIFIED = 85
"""Percent of pupils' households with SNAP or TANF that the state names to the school district."""

DECLINES_MEALS = 2
FOSTER = 0.6
MIGRANT = 0.3
"""Percent of households with pupils, and of pupils."""

PREGNANT = 4
OLDEST_MOTHER = 44
"""Percent of women of at most that age without an infant under ten months."""

BREASTFEEDING = 55
"""Percent of mothers of infants."""

NUTRITIONAL_RISKS = (35, 57, 8)
"""Shares of a medical finding, a dietary one, and none."""

CITIZENS = 97
"""Percent of claimants who are citizens or qualified non-citizens."""

SUPPLEMENT_GROUP = 18
"""Percent of households in a group of Washington's supplement."""

STATE_DISTRICTS = (
    ("north-sound", "North Sound", 1_250_000),
    ("central-sound", "Central Sound", 2_400_000),
    ("south-sound", "South Sound", 1_500_000),
    ("peninsula", "Peninsula", 460_000),
    ("southwest", "South-west", 720_000),
    ("central", "Central valleys", 520_000),
    ("northeast", "North-east", 760_000),
    ("southeast", "South-east", 390_000),
)
"""The districts of the state, and their people: 8,000,000 together."""
