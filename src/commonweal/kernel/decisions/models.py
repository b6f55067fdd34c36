"""Decisions made, and the law that they rest on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal


class LawVersion(models.Model):
    """The text of a model and of the parameters that a decision rested on; never changed.

    Attributes:
        programme: Key of the programme.
        model_file: Name of the model's file.
        model_hash: SHA-256 of the model's text.
        model_text: The model.
        parameters_hash: SHA-256 of the parameters' content.
        parameters_text: The parameters' file.
        first_used_at: When a decision first rested on it.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=60)
    model_file = models.CharField(max_length=120)
    model_hash = models.CharField(max_length=64)
    model_text = models.TextField()
    parameters_hash = models.CharField(max_length=64)
    parameters_text = models.TextField()
    first_used_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(
                fields=["programme", "model_hash", "parameters_hash"], name="decisions_law_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} {self.model_hash[:12]}"


class LawText(models.Model):
    """A programme's files as published; never changed. The one published last is in force, whatever the folder says.

    Attributes:
        programme: Key of the programme.
        number: From 1, within the programme.
        content_hash: SHA-256 of the files.
        files: Text by name: figures, models, worked cases, summary, translations.
        published_at: When.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    files = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["programme", "number"], name="decisions_law_number"),)

    def __str__(self) -> str:
        return f"{self.programme} {self.number}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the programme."""
        return f"law:{self.programme}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Chainable questions about decisions."""

    def on_stream(self, stream: str) -> DecisionQuerySet:
        """Return the decisions of one stream, the latest first."""
        return self.filter(stream=stream).order_by("-made_at", "-id")

    def of_agency(self, agency: str) -> DecisionQuerySet:
        """Return the decisions that one agency answers for, the latest first."""
        return self.filter(agency=agency).order_by("-made_at", "-id")


class Decision(models.Model):
    """One decision about somebody; never changed, a later one takes its place.

    Attributes:
        stream: The ledger's stream that it belongs to, for example ``case:<uuid>``.
        subject: Id of the person or organisation it is about.
        version_id: Id of the service's version.
        service_key: The service.
        agency: Key of the agency answerable.
        outcome: Key of the outcome; empty where there is a fault.
        grants: Whether it gives what was asked for.
        is_automatic: Whether the law's model decided, and no officer.
        is_fault: Whether something was missing, so that nothing was concluded.
        needs_officer: Whether a person has to decide.
        reason: The fault, why an officer is needed, or the officer's reasons.
        legal_ground: Of a decision by hand.
        amounts: By name, minor units and currency (JSON).
        result: The model's result (JSON).
        facts: What went into the model (JSON).
        trace: What happened inside (JSON).
        citations: The law applied.
        law: Text of model and parameters; none where no law is in force, or by hand.
        parameter_versions: Entry that counted, by parameter.
        engine: Version of the engine.
        reference_on: The day whose law applied.
        known_on: As known on this day.
        made_at: When.
        made_by_kind: Who: kind of actor.
        made_by: Who: pseudonymous id.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="subject",
        purpose="To say what was decided about somebody, and to be able to explain and check it.",
        retention="with case",
        erasure=Erasure.BLANK_FIELDS,
        fields=("subject", "reason", "amounts", "result", "facts", "trace"),
        what=_("Decisions"),
        stream="stream",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=80)
    subject = models.UUIDField(null=True)
    version_id = models.UUIDField()
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    outcome = models.CharField(max_length=60, blank=True)
    grants = models.BooleanField(default=False)
    is_automatic = models.BooleanField()
    is_fault = models.BooleanField(default=False)
    needs_officer = models.BooleanField(default=False)
    reason = EncryptedTextField(default="")
    legal_ground = models.CharField(max_length=300, blank=True)
    amounts = EncryptedTextField(default="{}")
    result = EncryptedTextField(default="null")
    facts = EncryptedTextField(default="{}")
    trace = EncryptedTextField(default="null")
    citations = models.JSONField(default=list)
    law = models.ForeignKey(LawVersion, on_delete=models.PROTECT, null=True, related_name="decisions")
    parameter_versions = models.JSONField(default=dict)
    engine = models.CharField(max_length=60, blank=True)
    reference_on = models.DateField()
    known_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by_kind = models.CharField(max_length=20)
    made_by = models.CharField(max_length=80, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        """Table options."""

        indexes = (
            models.Index(fields=["stream", "made_at"], name="decisions_by_stream"),
            models.Index(fields=["agency", "service_key", "made_at"], name="decisions_by_agency"),
            models.Index(fields=["subject"], name="decisions_by_subject"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_fault=True) | ~models.Q(outcome=""), name="decisions_outcome_or_fault"
            ),
            models.CheckConstraint(
                condition=models.Q(is_fault=False) | models.Q(grants=False),
                name="decisions_fault_grants_nothing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.outcome or 'fault'}"


class FairnessReport(models.Model):
    """How a service's decisions came out by group, and what flips of facts changed; never changed.

    Figures of groups, about nobody alone; pages for everybody hide small groups.

    Attributes:
        service_key: The service.
        agency: Key of the agency answerable.
        service_hash: Of the declaration that named groups and protected attributes.
        figures: Exact, as JSON.
        is_flagged: Whether a flip changed something that no rule with a source explains.
        made_at: When.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    service_hash = models.CharField(max_length=64)
    figures = models.JSONField()
    is_flagged = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        """Order and indexes."""

        ordering = ("-made_at", "-id")
        indexes = (models.Index(fields=["service_key", "-made_at"], name="decisions_fairness"),)

    def __str__(self) -> str:
        return f"{self.service_key} {self.made_at:%Y-%m-%d}"
