"""Lets the city's people apply and its officers decide, day by day, through the same actions as everybody.

What happens is drawn by lot from a seed and takes place in the order of time, so that limits, capacities and the law
of the day work as they do for real. Whatever would happen after the city opens stays undone: those are the open cases.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from commonweal.kernel.awards import actions as awards
from commonweal.kernel.awards.enums import Status as AwardStatus
from commonweal.kernel.awards.queries import awards_of
from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.cases import actions as cases
from commonweal.kernel.cases.enums import Status
from commonweal.kernel.cases.errors import NothingToDecide
from commonweal.kernel.cases.queries import case_of_sheet, decision_context
from commonweal.kernel.catalogue.queries import compiled, live_version
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.types import Evaluated
from commonweal.kernel.forms import actions as forms
from commonweal.kernel.forms.errors import PageNotFound
from commonweal.kernel.forms.queries import submitted_sheet
from commonweal.kernel.jobs.actions import put_behind
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.queries import messages_about
from commonweal.kernel.reassessments import actions as reassessments
from commonweal.kernel.rounds import actions as rounds
from commonweal.kernel.rounds.errors import NoOffer, NothingLeft, StillChecked
from commonweal.kernel.rounds.queries import offers_of
from commonweal.kernel.rounds.queries import told_on as told_day
from commonweal.project.demo.identities import OFFICERS
from commonweal.project.demo.local_services import (
    AUTUMN,
    LOCAL_TEAMS,
    PITCH,
    PITCHES,
    REPAIR,
    SPRING,
    local_applications,
)
from commonweal.project.demo.population import Household, Population, Resident, Vehicle
from commonweal.project.demo.schools import SCHOOL
from commonweal.project.demo.settling import BUILDER, Settled
from commonweal.project.demo.tax_returns import filings, tax_answers

ZONE: Final = ZoneInfo("America/Los_Angeles")
FIRST_DAY: Final = date(2024, 2, 1)
FIRST_PARKING_DAY: Final = date(2025, 1, 6)
"""The rules of parking permits are declared from 2025 on."""

LAST_DAY: Final = date(2026, 9, 14)
LAST_GUIDELINE_DAY: Final = date(2026, 6, 30)
"""The last day for which the rules of parking permits hold the poverty guideline."""

ENDS_AT: Final = datetime.combine(LAST_DAY, time(17, 0), ZONE)
FOOD, PARKING, TAX = "food-assistance", "parking-permit", "file-tax-return"
TEAMS: Final = {
    FOOD: "food-assistance",
    PARKING: "parking",
    TAX: "tax-returns",
    PITCH: "licences",
    **LOCAL_TEAMS,
}
SNAP, FOOD_AGENCY, FOOD_SUPERVISOR = "snap", "human-services", "grace@port-alder.example"
_BUDGET: Final = "24000"
_PLACES: Final = "HP 1\nOM 1\nNN 1\nNS 1\nRP 1\nEP 1\nAR 1"
_PITCHES: Final = "\n".join(f"{key} 1" for key in PITCHES)
_NEXT_PLACES: Final = "HP 54\nOM 48\nNN 72\nNS 60\nRP 60\nEP 72\nAR 30"


@dataclass(frozen=True)
class PlannedRound:
    """A round of the city's last year, or one that is open when a visitor comes.

    Attributes:
        service: What is shared out.
        opens_on: When it is opened.
        name: As residents read it.
        closes_on: Last day for applications.
        settings: What there is.
        worked_out_on: When an officer works it out.
        approver: The other officer.
    """

    service: str
    opens_on: date
    name: str
    closes_on: date
    settings: str
    worked_out_on: date
    approver: str


_PAUL, _YUKI = "paul@port-alder.example", "yuki@port-alder.example"
_RUTH = "ruth@port-alder.example"
_ROUNDS: Final = (
    PlannedRound(
        REPAIR, date(2026, 1, 12), "Housing repair, spring 2026", SPRING, _BUDGET, date(2026, 4, 20), _PAUL
    ),
    PlannedRound(
        REPAIR, date(2026, 4, 1), "Housing repair, autumn 2026", AUTUMN, _BUDGET, date(2026, 10, 20), _PAUL
    ),
    PlannedRound(
        SCHOOL, date(2026, 1, 12), "Kindergarten 2026", date(2026, 2, 17), _PLACES, date(2026, 4, 8), _YUKI
    ),
    PlannedRound(
        SCHOOL,
        date(2026, 9, 1),
        "Kindergarten 2027",
        date(2027, 2, 16),
        _NEXT_PLACES,
        date(2027, 4, 8),
        _YUKI,
    ),
    PlannedRound(
        PITCH,
        date(2026, 9, 1),
        "Street pitches 2027",
        date(2027, 1, 14),
        _PITCHES,
        date(2027, 1, 15),
        _RUTH,
    ),
)
PARKING_SHARE: Final = 0.2
TAX_SHARE: Final = 0.05
PERMIT_DAYS: Final = 410
"""The year of a permit, and the days between applying and its start."""

FOOD_DAYS: Final = 366
"""The longest year of food assistance."""

RENEW_DAYS: Final = 45
"""So many days before its end, food assistance can be had anew."""

_TRIES = 200
RECENT_DAYS, RECENT_SHARE = 18, 0.14
DRAFT_DAYS, DRAFT_SHARE = 25, 0.02
"""A draft is kept for thirty days."""

_AT_ONCE = 50
_NOTES = (
    "Called the applicant; nobody answered.",
    "Register and answers agree.",
    "Checked the pay slips.",
    "The letter of the leasing firm is readable.",
)
_QUESTIONS = {
    FOOD: "Please tell us how many hours a week you work, and since when.",
    PARKING: "Please tell us the name of the firm on the vehicle's registration.",
    TAX: "Please tell us what box 2 of your form W-2 says.",
}
_EVIDENCE = {FOOD: ("income",)}
_PAPER = b"Pay slips, made up for the practice city.\n"
_ANSWERS = {
    FOOD: "About twenty-five hours a week since last spring.",
    PARKING: "It is registered to me; the card was renewed last month.",
    TAX: "It is as I wrote it.",
}
_QUESTION, _ANSWER = "Please tell us whether what you wrote still holds.", "Yes, it does."

_BY_HAND = {
    FOOD: (
        "We looked at the circumstances that you named. The rule does not stand against your application.",
        "7 CFR 273.4 to 273.7",
    ),
    PARKING: (
        "The figures for the day on which your permit starts are not in our rules yet. We applied the last that are.",
        "PAMC 1.24.010",
    ),
    TAX: ("We compared your answers with your forms.", "26 USC 6020(b)"),
}


@dataclass(frozen=True)
class Application:
    """Somebody is going to apply for something.

    Attributes:
        at: When.
        service: Key of the service.
        household: Whose head applies.
        vehicle: For a parking permit.
        answers: For a local service, what the household answers.
    """

    at: datetime
    service: str
    household: Household
    vehicle: Vehicle | None = None
    answers: Mapping[str, Any] | None = None


def plan(population: Population, random: Random, total: int) -> list[Application]:
    """Draw who applies for what and when, in the order of time; the household of the tour is left out."""
    households = population.households[1:]
    # Where there is no zone, hardly anybody asks for a permit.
    parkers = [
        (household, vehicle)
        for household in households
        for vehicle in household.vehicles
        if household.dwelling.zone or random.random() < 0.15
    ]
    parking = _parking(parkers, random, round(total * PARKING_SHARE))
    needs = [
        max(0.5, 2.2 - household.income / (900 + 700 * len(household.members))) for household in households
    ]
    returns = [
        Application(_on(day, random), TAX, household)
        for day, household in filings(households, random, round(total * TAX_SHARE))
    ]
    local = [
        Application(_on(one.on, random), one.service, one.household, answers=one.answers)
        for one in local_applications(population)[: total // 8]
    ]
    found = _food(households, needs, random, total - len(parking) - len(returns) - len(local))
    return sorted([*found, *parking, *returns, *local], key=lambda application: application.at)


def _food(
    households: Sequence[Household], needs: Sequence[float], random: Random, total: int
) -> list[Application]:
    """Draw who applies for food assistance: a household again only when the year of what it may have got is over."""
    asked: dict[str, list[date]] = {}
    found: list[Application] = []
    for _ in range(total):
        for _try in range(_TRIES):
            at, household = _moment(random, FIRST_DAY), random.choices(households, needs)[0]
            days = asked.setdefault(household.head.key, [])
            if all(abs((at.date() - day).days) > FOOD_DAYS for day in days):
                break
        days.append(at.date())
        found.append(Application(at, FOOD, household))
    return found


def plan_drafts(population: Population, random: Random, total: int) -> list[Application]:
    """Draw who has begun an application and not sent it when the city opens."""
    return [
        Application(_moment(random, LAST_DAY - timedelta(days=DRAFT_DAYS)), FOOD, household)
        for household in random.choices(population.households[1:], k=round(total * DRAFT_SHARE))
    ]


def _parking(parkers: Sequence[tuple[Household, Vehicle]], random: Random, total: int) -> list[Application]:
    """Draw who applies for a permit: each vehicle once, and some once more when the first one's year is over.

    That may come to fewer than wanted.
    """
    # A few come in on the last afternoon, so that whoever opens the queue finds something plain to decide.
    plain = [pair for pair in parkers if pair[0].dwelling.zone and not _is_poor(pair[0])][
        : max(1, total // 50)
    ]
    others = [pair for pair in parkers if pair not in plain]
    again = total - len(plain) - len(others)
    first_term = LAST_DAY - timedelta(days=PERMIT_DAYS)
    found = [
        Application(ENDS_AT - timedelta(minutes=4, seconds=-number), PARKING, *pair)
        for number, pair in enumerate(plain)
    ]
    for number, pair in enumerate(others[: total - len(plain)]):
        at = _moment(random, FIRST_PARKING_DAY, first_term if number < again else LAST_DAY)
        found.append(Application(at, PARKING, *pair))
        if number < again:
            renewed_at = _moment(random, at.date() + timedelta(days=PERMIT_DAYS))
            found.append(Application(renewed_at, PARKING, *pair))
    return found


def _moment(random: Random, first: date, last: date = LAST_DAY) -> datetime:
    """A moment at which people sit down to apply: any day, from seven to ten at night."""
    days = (last - first).days
    recent = random.random() < RECENT_SHARE
    day = last - timedelta(days=random.randint(0, min(days, RECENT_DAYS) if recent else days))
    return min(_on(day, random), ENDS_AT)


def _on(day: date, random: Random) -> datetime:
    return datetime.combine(
        day, time(random.randint(7, 21), random.randint(0, 59), random.randint(0, 59)), ZONE
    )


class History:
    """Runs what was planned, and what follows from it."""

    def __init__(self, settled: Settled, random: Random) -> None:
        self._settled = settled
        self.random = random
        self._waiting: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = itertools.count()
        self._officers = {
            team: [
                settled.officers[one.email]
                for one in OFFICERS
                if team in one.teams and one.roles == ("caseworker",)
            ]
            for team in TEAMS.values()
        }

    def run(
        self,
        applications: list[Application],
        drafts: Sequence[Application] = (),
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Let everything happen until the city opens; letters and mails of that time wait behind those to come.

        Args:
            applications: In the order of time.
            drafts: Begun and not sent.
            tell: Called with how many have been made, of how many.
        """
        for application in applications:
            self.later(application.at, self._apply(application))
        for draft in drafts:
            self.later(draft.at, partial(self.begin, draft))
        for first in _firsts_of_months():
            self.later(datetime.combine(first, time(1, 0), ZONE), _expire)
        made, total = 0, len(applications)
        for first in _new_figures():
            self.later(datetime.combine(first, time(7, 0), ZONE), self.look_again)
        for one in _ROUNDS:
            self.later(datetime.combine(one.opens_on, time(9, 0), ZONE), partial(self.open_round, one))
        while self._waiting:
            with Transaction():
                for _ in range(min(_AT_ONCE, len(self._waiting))):
                    at, _number, happen = heapq.heappop(self._waiting)
                    if at <= ENDS_AT:
                        happen(at)
                        made += getattr(happen, "is_application", False)
            tell(made, total)
        put_behind(by=BUILDER, at=ENDS_AT)

    def later(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        """Put something off."""
        heapq.heappush(self._waiting, (at, next(self._numbers), happen))

    def office_hour(self, after: datetime, most_days: int) -> datetime:
        """A moment on a weekday, some days later."""
        at = after + timedelta(days=self.random.randint(0, most_days), hours=self.random.randint(1, 8))
        day = at.date() + timedelta(days={5: 2, 6: 1}.get(at.weekday(), 0))
        hour = time(self.random.randint(8, 16), self.random.randint(0, 59))
        return max(datetime.combine(day, hour, ZONE), after + timedelta(minutes=5))

    def look_again(self, at: datetime) -> None:
        """Begin the re-assessment that new figures of food assistance bring; two officers carry it through."""
        day, robot = at.astimezone(ZONE).date(), Actor.system("reassessments.look")
        run = reassessments.start(SNAP, reference_on=day, agency=FOOD_AGENCY, by=robot, at=at)
        after: UUID | None = None
        while (after := reassessments.assess_next(run.pk, after=after, by=robot, at=at)) is not None:
            pass
        proposer, approver = self._officers[TEAMS[FOOD]][0], self._settled.officers[FOOD_SUPERVISOR]

        def approve(now: datetime) -> None:
            reassessments.approve(run.pk, by=approver, at=now)
            while reassessments.issue_next(run.pk, by=robot, at=now) is not None:
                pass

        def propose(now: datetime) -> None:
            reassessments.propose(run.pk, by=proposer, at=now)
            self.later(self.office_hour(now, 2), approve)

        self.later(self.office_hour(at, 1), propose)

    def open_round(self, planned: PlannedRound, at: datetime) -> None:
        """Open a round; when its last day is over, two officers carry it through, and families answer their offers."""
        officer = self._officers[TEAMS[planned.service]][0]
        approver = self._settled.officers[planned.approver]
        one = rounds.open_round(
            planned.service,
            name=planned.name,
            closes_on=planned.closes_on,
            settings=planned.settings,
            by=officer,
            at=at,
        )

        def issue(now: datetime) -> None:
            while rounds.issue_next(one.pk, by=Actor.system("rounds.issue"), at=now) is not None:
                pass
            for number, (reference, applicant) in enumerate(offers_of(one)):
                self.later(
                    self.office_hour(now, 9), partial(self._answer, reference, applicant, number % 4 != 3)
                )

        def approve(revision: int, now: datetime) -> None:
            rounds.approve(one.pk, revision=revision, by=approver, at=now)
            told_on = told_day(one)
            self.later(now if told_on is None else max(now, datetime.combine(told_on, time(9), ZONE)), issue)

        def work_out(now: datetime) -> None:
            try:
                with transaction.atomic():
                    found = rounds.work_out(one.pk, by=officer, at=now)
            except NothingLeft:  # nobody who fits the rules applied, or nobody waits
                return
            except StillChecked:
                self.later(self.office_hour(now, 5), work_out)
            else:
                self.later(self.office_hour(now, 2), partial(approve, found.revision))

        self.later(datetime.combine(planned.worked_out_on, time(10, 0), ZONE), work_out)
        if planned.service == SCHOOL:
            self.later(datetime.combine(planned.worked_out_on + timedelta(days=60), time(10), ZONE), work_out)

    def _answer(self, reference: str, applicant: UUID, accepts: bool, at: datetime) -> None:  # noqa: FBT001 - what they say
        """Somebody accepts or declines what was offered."""
        by = Actor(ActorKind.RESIDENT, str(applicant))
        with contextlib.suppress(NoOffer):  # it was withdrawn meanwhile
            rounds.answer_offer(reference, accepts=accepts, by=by, at=at)

    # ---- what residents do ---------------------------------------------------------------

    def _apply(self, application: Application) -> Callable[[datetime], None]:
        return _Application(self, application)

    def send(self, application: Application, at: datetime) -> None:
        """Fill in the form and send it; what follows is put off."""
        head = application.household.head
        by, applicant_id = self._settled.actor(head), self._settled.persons[head.key]
        answers = self._answers(application)
        started = forms.start_sheet(application.service, by=by, at=at - timedelta(minutes=9))
        saved = forms.answer_all(started.sheet_id, answers, revision=0, by=by, at=at - timedelta(minutes=1))
        case = cases.submit(saved.sheet_id, applicant_id=applicant_id, revision=saved.revision, by=by, at=at)
        if case.is_closed:
            self.read_later(case.stream, by, at)
            return
        if case.status == Status.WAITING:
            return  # for its round; no officer has to look at it
        officers = self._officers[TEAMS[application.service]]
        follow = _Open(self, application.service, case.pk, case.stream, saved.sheet_id, by, officers)
        if application.service == FOOD and _holds_for_long(applicant_id, at):
            self.later(self.office_hour(at, 3), follow.withdraw)  # an officer has told them that they have it
            return
        if self.random.random() < 0.03:
            self.later(at + timedelta(hours=self.random.randint(2, 60)), follow.withdraw)
        self.later(self.office_hour(at, 9), follow.claim)

    def begin(self, application: Application, at: datetime) -> None:
        """Fill in some pages of the form, and put it aside."""
        by, answers = self._settled.actor(application.household.head), self._answers(application)
        sheet = forms.start_sheet(application.service, by=by, at=at).sheet_id
        pages = compiled(live_version(application.service).pk).sections["form"].pages
        revision = 0
        for page in pages[: self.random.randint(1, 3)]:
            for number, item in enumerate(answers[page.group.key] if page.group else ()):
                try:  # whom the registers know stands there already
                    saved = forms.answer_item(sheet, page.key, number, item, revision=revision, by=by, at=at)
                except PageNotFound:
                    saved = forms.answer_item(sheet, page.key, None, item, revision=revision, by=by, at=at)
                revision = saved.revision
            revision = forms.answer_page(sheet, page.key, answers, revision=revision, by=by, at=at).revision

    def _answers(self, application: Application) -> dict[str, Any]:
        if application.answers is not None:
            return dict(application.answers)
        if application.vehicle is not None:
            return parking_answers(application.household, application.vehicle, application.at, self.random)
        if application.service == TAX:
            return tax_answers(application.household, application.at.year - 1, self.random)
        return food_answers(application.household, application.at.date(), self.random)

    def read_later(self, stream: str, by: Actor, at: datetime) -> None:
        """Let somebody open the letters of a case some days later; not everybody does."""
        if self.random.random() < 0.78:
            read_at = at + timedelta(days=self.random.randint(0, 9), hours=self.random.randint(1, 12))

            def read(now: datetime) -> None:
                for line in messages_about(stream):
                    mailbox.mark_read(line.id, by=by, at=now)

            self.later(read_at, read)


class _Application:
    """One planned application."""

    is_application = True

    def __init__(self, history: History, application: Application) -> None:
        self._history = history
        self._application = application

    def __call__(self, at: datetime) -> None:
        self._history.send(self._application, at)


@dataclass
class _Open:
    """A case that waits for an officer, and what becomes of it."""

    history: History
    service: str
    case_id: UUID
    stream: str
    sheet_id: UUID
    applicant: Actor
    officers: list[Actor]

    def __post_init__(self) -> None:
        self.random = self.history.random
        self.officer = self.random.choice(self.officers)

    def _is_open(self) -> bool:
        return not case_of_sheet(self.sheet_id, actor=self.applicant).is_closed

    def withdraw(self, at: datetime) -> None:
        """The applicant thinks better of it."""
        if self._is_open():
            cases.withdraw(self.case_id, by=self.applicant, at=at)

    def claim(self, at: datetime) -> None:
        """An officer takes the case, and does with it what officers do."""
        if not self._is_open():
            return
        cases.claim_case(self.case_id, by=self.officer, at=at)
        luck = self.random.random()
        if luck < 0.12:
            cases.add_note(self.case_id, self.random.choice(_NOTES), by=self.officer, at=at)
        if luck < 0.05:
            self._later(at, 1, self.release)
        elif luck < 0.2:
            self._later(at, 1, self.ask)
        else:
            self._later(at, 5, self.decide)

    def release(self, at: datetime) -> None:
        """The officer puts the case back; a colleague takes it."""
        if self._is_open():
            cases.release_case(self.case_id, by=self.officer, at=at)
            self.officer = self.random.choice(self.officers)
            self._later(at, 3, self.claim)

    def ask(self, at: datetime) -> None:
        """The officer asks the applicant for more."""
        if self._is_open():
            cases.ask_applicant(
                self.case_id,
                _QUESTIONS.get(self.service, _QUESTION),
                evidence=_EVIDENCE.get(self.service, ()),
                by=self.officer,
                at=at,
            )
            self._later(at, 21, self.answer)

    def answer(self, at: datetime) -> None:
        """The applicant answers."""
        case = case_of_sheet(self.sheet_id, actor=self.applicant)
        if case.status == Status.ASKED:
            for number in range(len(_EVIDENCE.get(self.service, ()))):
                cases.hand_in_evidence(
                    self.case_id, number, _PAPER, name="pay-slips.txt", by=self.applicant, at=at
                )
            cases.answer_inquiry(self.case_id, _ANSWERS.get(self.service, _ANSWER), by=self.applicant, at=at)
            self._later(at, 4, self.decide)

    def decide(self, at: datetime) -> None:
        """The officer decides as the law proposes, or by hand where the law leaves it to a person."""
        case = case_of_sheet(self.sheet_id, actor=self.applicant)
        if case.is_closed:
            return
        try:
            with transaction.atomic():
                cases.confirm_proposal(self.case_id, revision=case.revision, by=self.officer, at=at)
        except NothingToDecide:
            if self.service in LOCAL_TEAMS:
                return  # it waits for a register, or for a board
            self._decide_by_hand(case.version_id, case.revision, case.opened_at, at)
        self.history.read_later(self.stream, self.applicant, at)

    def _decide_by_hand(self, version_id: UUID, revision: int, opened_at: datetime, at: datetime) -> None:
        """Decide what the law leaves to a person: as the law would, once the obstacle is out of the way."""
        reasons, ground = _BY_HAND[self.service]
        found = self._as_law_would(version_id, opened_at.astimezone(ZONE).date(), at)
        cases.decide_by_hand(
            self.case_id,
            outcome=_known(found),
            reasons=reasons,
            legal_ground=ground,
            amount=next(iter(found.amounts.values()), None),
            revision=revision,
            by=self.officer,
            at=at,
        )

    def _as_law_would(self, version_id: UUID, opened_on: date, at: datetime) -> Evaluated:
        service, answers = compiled(version_id), dict(submitted_sheet(self.sheet_id).answers)
        if self.service != PARKING:
            answers.pop("circumstances", None)
            context: dict[str, Any] = {"case": {"submitted_on": opened_on}}
            return decisions.evaluate(service, answers, known_on=at.date(), context=context, trace=False)
        context = decision_context(case_of_sheet(self.sheet_id, actor=self.applicant), at=at)
        answers["start_date"] = min(opened_on, LAST_GUIDELINE_DAY).isoformat()
        return decisions.evaluate(service, answers, known_on=at.date(), context=context, trace=False)

    def _later(self, at: datetime, most_days: int, happen: Callable[[datetime], None]) -> None:
        self.history.later(self.history.office_hour(at, most_days), happen)


def _known(found: Evaluated) -> str:
    assert found.outcome, found.fault_reason
    return found.outcome


def _holds_for_long(applicant_id: UUID, at: datetime) -> bool:
    """Whether somebody has food assistance already, and it is too early to ask for the next year's."""
    renewable_to = at.astimezone(ZONE).date() + timedelta(days=RENEW_DAYS)
    held = awards_of(applicant_id).filter(service_key=FOOD, status=AwardStatus.RUNNING)
    return held.filter(ends_on__gt=renewable_to).exists()


def _expire(at: datetime) -> None:
    awards.expire(at.astimezone(ZONE).date(), by=BUILDER, at=at)


def _new_figures() -> list[date]:
    """Return the days on which food assistance had new figures: each 1 October."""
    return [date(year, 10, 1) for year in (2024, 2025)]


def _firsts_of_months() -> list[date]:
    months = range(FIRST_DAY.year * 12 + FIRST_DAY.month, LAST_DAY.year * 12 + LAST_DAY.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


# ---- what they answer --------------------------------------------------------------------


def food_answers(household: Household, on: date, random: Random) -> dict[str, Any]:
    """Return a household's answers about food assistance, as they might have been on a day."""
    change = random.uniform(0.7, 1.3)
    members = [_member(member, on, change) for member in household.members if member.birth_on <= on]
    kinds = random.randint(1, 5)
    answers: dict[str, Any] = {
        "members": members,
        "rent_or_mortgage": household.rent,
        "all_members_homeless": random.random() < 0.01,
        "utilities_heating_or_cooling": household.heats,
        "utilities_kinds": kinds,
        "utilities_telephone": kinds > 1,
        "dependent_care": household.child_care,
        "resources": random.choice((0, 120, 450, 900, 2100, 3400)),
        "email": household.head.email or "nobody@example.org",
        "contact_language": household.head.language,
    }
    circumstances = _circumstances(household, on, random)
    if circumstances:
        answers["circumstances"] = circumstances
    return answers


def _member(member: Resident, on: date, change: float) -> dict[str, Any]:
    age = member.age_on(on)
    amounts: Mapping[str, int] = {
        "earned": int(member.earned * change),
        "self_employment_receipts": int(member.self_employed * change),
        "social_security_retirement": member.retirement if age >= 62 else 0,
        "social_security_disability": member.disability,
        "ssi": member.ssi,
        "unemployment": member.unemployment,
        "medical_expenses": member.medical,
    }
    answers: dict[str, Any] = {"name": member.name, "age": age, "in_school": 5 <= age <= 18}
    return answers | {key: amount for key, amount in amounts.items() if amount}


def _circumstances(household: Household, on: date, random: Random) -> list[str]:
    """What an officer has to look at; about one application in five."""
    found = []
    if any(18 <= member.age_on(on) <= 24 for member in household.members) and random.random() < 0.25:
        found.append("student")
    if household.head.language != "en" and random.random() < 0.3:
        found.append("immigration")
    if random.random() < 0.09:
        found.append("work_rules")
    return found


def _is_poor(household: Household) -> bool:
    """About the limit of the low-income reduction (PAMC 1.24.010)."""
    return household.income < 1500 + 600 * (len(household.members) - 1)


def parking_answers(household: Household, vehicle: Vehicle, at: datetime, random: Random) -> dict[str, Any]:
    """Return a household's answers about a parking permit."""
    badge = any(member.has_blue_badge for member in household.members)
    answers: dict[str, Any] = {
        "dwelling_id": household.dwelling.key,
        "off_street_spaces": household.dwelling.off_street_spaces,
        "number_plate": vehicle.plate,
        "vehicle_registered_to": "resident",
        "start_date": (at.date() + timedelta(days=random.randint(3, 40))).isoformat(),
        "blue_badge": badge,
        "email": household.head.email or "nobody@example.org",
    }
    if badge:
        answers["blue_badge_number"] = f"BB-{random.randint(10_000, 99_999)}"
    elif any(member.ssi for member in household.members):
        answers["low_income_reason"] = "ssi"
    elif _is_poor(household):
        answers["low_income_reason"] = "low_income"
        answers["household_size"] = len(household.members)
        answers["household_income"] = household.income
    else:
        answers["low_income_reason"] = "none"
    return answers
