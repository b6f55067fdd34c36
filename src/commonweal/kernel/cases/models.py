"""Cases, the officers' notes on them, and questions to applicants."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.fields import EncryptedJSONField, EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.base.references import new_reference
from commonweal.kernel.cases.enums import SignatureAnswer, Status
from commonweal.kernel.catalogue.enums import Channel


class Case(models.Model):
    """One run of a service for somebody.

    Attributes:
        reference: What people call it by.
        service_key: The service.
        version: The version whose form, stages and letters hold for this case.
        agency: Key of the agency answerable for it.
        channel: The way by which the application reached us.
        team: Who works on it.
        applicant: Whom it is for.
        sheet: The answers.
        stage: Key of the stage it stands at.
        status: How it stands.
        status_reason: Why it waits for an officer, in plain words; empty where that is the plan.
        worker: The officer who has it.
        outcome: Key of the outcome, once decided.
        decision_id: The decision that counts.
        revision: Grows with every change, so that two officers cannot decide at once.
        opened_at: When it was submitted; of an application on paper, when it reached us.
        due_on: Last day for an answer; the end of time where there is no limit, so that queues sort by it.
        wake_on: Day on which a waiting stage goes on.
        closed_at: When it was answered.
        dispose_on: When it is destroyed, by its result.
        late_on: When it was noted that nobody had decided in time, where the service says what follows.
        checked_on: When an officer found the application complete, or first asked for what was missing.
        subject_index: Blind index of what there is one open application about; empty where there may be several.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="applicant_id",
        purpose="To answer an application and to show how.",
        retention="as the service declares, from the day it is closed",
        erasure=Erasure.DELETE_ROWS,
        fields=("applicant", "status_reason", "outcome", "subject_index"),
        what=_("Applications"),
        is_told_by_keeper=True,
        kept=lambda at: Q(dispose_on__isnull=True) | Q(dispose_on__gt=clock.local(at).date()),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    service_key = models.CharField(max_length=60)
    version = models.ForeignKey("catalogue.ServiceVersion", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="+")
    applicant = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    sheet = models.OneToOneField("forms.Sheet", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RUNNING)
    status_reason = models.CharField(max_length=500, blank=True)
    worker = models.ForeignKey(
        "people.Officer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=60, blank=True)
    decision_id = models.UUIDField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    due_on = models.DateField(default=date.max)
    wake_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    dispose_on = models.DateField(null=True, blank=True)
    late_on = models.DateField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    subject_index = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        """Table options."""

        constraints = (
            models.CheckConstraint(condition=Q(status__in=list(Status.values)), name="cases_known_status"),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True)),
                name="cases_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ASSIGNED) | Q(worker__isnull=False),
                name="cases_assigned_has_worker",
            ),
            models.UniqueConstraint(
                fields=["service_key", "subject_index"],
                condition=Q(closed_at__isnull=True) & ~Q(subject_index=""),
                name="cases_one_open_a_subject",
            ),
        )
        indexes = (
            # "closed_at IS NULL" holds no parameter: SQLite can tell that a query asks for no more than the index has.
            models.Index(
                fields=["agency", "team", "due_on", "id"],
                condition=Q(closed_at__isnull=True),
                name="cases_queue",
            ),
            models.Index(
                fields=["agency", "team", "status", "due_on", "id"],
                condition=Q(closed_at__isnull=True),
                name="cases_queue_by_status",
            ),
            models.Index(
                fields=["worker", "due_on", "id"], condition=Q(closed_at__isnull=True), name="cases_desk"
            ),
            models.Index(
                fields=["agency", "team", "-closed_at"],
                condition=Q(closed_at__isnull=False),
                name="cases_answered",
            ),
            models.Index(fields=["applicant", "-opened_at"], name="cases_of_applicant"),
            models.Index(
                fields=["wake_on", "id"],
                condition=Q(closed_at__isnull=True, wake_on__isnull=False),
                name="cases_to_wake",
            ),
            models.Index(
                fields=["dispose_on", "id"], condition=Q(dispose_on__isnull=False), name="cases_to_dispose"
            ),
            models.Index(
                fields=["status", "version", "due_on", "id"],
                condition=Q(closed_at__isnull=True, late_on__isnull=True),
                name="cases_undecided",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def stream(self) -> str:
        """The ledger's stream of the case."""
        return f"case:{self.pk}"

    @property
    def is_closed(self) -> bool:
        """Whether it has been answered."""
        return self.status == Status.CLOSED

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.is_closed


class Note(models.Model):
    """What an officer wrote down for colleagues.

    Attributes:
        case: The case.
        author: Who wrote it.
        text: Encrypted at rest.
        written_at: When.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To hand a case on with what is known of it.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("text",),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey("people.Officer", on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField()
    written_at = models.DateTimeField()

    class Meta:
        """Table options."""

        indexes = (models.Index(fields=["case", "written_at"], name="cases_notes"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.written_at}"


class Inquiry(models.Model):
    """A question to the applicant, and the answer.

    Attributes:
        case: The case, which waits for the answer.
        asked_by: The officer.
        question: Encrypted at rest; may be empty where pieces of evidence are asked for.
        pieces: The evidence asked for: key of the declared one or a name, and ids of files; encrypted at rest.
        asked_at: When.
        answer_due_on: Last day for the answer.
        answer: Encrypted at rest; empty until it is given.
        answered_at: When; also where the day passed without an answer.
        is_lacking: Whether the applicant said that they cannot hand in everything.
        remind_on: The day of the reminder; None where there is none, or it was sent.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To complete an application.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("question", "pieces", "answer"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="inquiries")
    asked_by = models.ForeignKey("people.Officer", on_delete=models.PROTECT, related_name="+")
    question = EncryptedTextField()
    pieces = EncryptedJSONField(default=list)
    asked_at = models.DateTimeField()
    answer_due_on = models.DateField()
    answer = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    is_lacking = models.BooleanField(default=False)
    remind_on = models.DateField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at__isnull=True), name="cases_one_open_inquiry"
            ),
        )
        indexes = (
            models.Index(
                fields=["remind_on", "id"],
                condition=Q(answered_at__isnull=True, remind_on__isnull=False),
                name="cases_to_remind",
            ),
            models.Index(
                fields=["answer_due_on", "id"],
                condition=Q(answered_at__isnull=True),
                name="cases_unanswered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_at}"


class PlaceQuerySet(models.QuerySet["Place"]):
    """Chainable questions about places on waiting lists."""

    def waiting(self) -> Self:
        """Return the places that cases wait at now, each list's next one first."""
        here = self.filter(case__status=Status.WAITING, case__stage=F("stage"))
        return here.order_by("pool", "rank", "complete_at", "id")

    def ahead(self, pool: str, rank: int, *, case_id: UUID | None) -> Self:
        """Return who comes before a case: those of lower rank, and of its rank those on the list before it.

        Args:
            pool: Key of the pool.
            rank: Of the case.
            case_id: The case; it may be on the list already, or not yet. None for one that is only thought of.
        """
        own = self.filter(case=case_id, pool=pool).order_by("id").first() if case_id else None
        others = self.waiting().filter(pool=pool).exclude(case=case_id)
        same = Q(rank=rank)
        if own is not None:
            same &= Q(complete_at__lt=own.complete_at) | Q(complete_at=own.complete_at, id__lt=own.pk)
        return others.filter(Q(rank__lt=rank) | same)


class Place(models.Model):
    """The place of a case on a waiting list for a pool's capacity.

    It counts while the case waits at the stage; afterwards it says when the case stood where.

    Attributes:
        case: The case.
        stage: Key of the stage at which it waits.
        pool: The pool whose capacity is used up, for example ``parking:Z2``.
        rank: Lower ranks come first.
        complete_at: When the application was complete; within a rank the earlier comes first.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To give what becomes free to those who wait, in order.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("rank",),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="place")
    stage = models.CharField(max_length=60)
    pool = models.CharField(max_length=120)
    rank = models.SmallIntegerField()
    complete_at = models.DateTimeField()

    objects = PlaceQuerySet.as_manager()

    class Meta:
        """Table options."""

        indexes = (models.Index(fields=["pool", "rank", "complete_at", "id"], name="cases_places"),)

    def __str__(self) -> str:
        return f"{self.pool} {self.rank} {self.complete_at}"


class Signature(models.Model):
    """Somebody beside the applicant who has to sign an application before it is looked at.

    Attributes:
        case: The case, which waits for all of its signatures.
        name: Whom the applicant named; encrypted at rest.
        email: Where the invitation went; encrypted at rest.
        token_hash: SHA-256 of the invitation's token; empty once an account has taken the invitation.
        person: Who took the invitation, or to whom it went at once.
        answer: What they said; empty until they have.
        sealed_hash: SHA-256 of exactly what they signed: version, answers and files.
        asked_at: When the invitation went out, the last time.
        times_asked: How often it went out.
        answered_at: When they signed or declined.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="case__applicant_id",
        purpose="To let everybody sign whom an application needs.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("name", "email"),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="signatures")
    name = EncryptedTextField()
    email = EncryptedTextField()
    token_hash = models.CharField(max_length=64, blank=True)
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=SignatureAnswer.choices, blank=True)
    sealed_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    times_asked = models.PositiveSmallIntegerField(default=1)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(person__isnull=False), name="cases_signs_once"
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="cases_one_signature_a_token"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, person__isnull=False)),
                name="cases_signature_has_time",
            ),
        )
        indexes = (models.Index(fields=["person", "-asked_at"], name="cases_signatures_of"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_at}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the invitation, to which the message about it belongs."""
        return f"signature:{self.pk}"
