"""Simulations, and populations that were uploaded for them. No resident's data: made or anonymous people only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonweal.domains.insight.enums import Origin, Status
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import NONE, Personal


class Population(models.Model):
    """A file of households that an analyst uploaded, read and checked.

    Attributes:
        agency: Key of the agency whose analysts may use it.
        programme: The programme whose facts it holds.
        name: As its uploader calls it.
        origin_note: Where the figures come from, in the uploader's words.
        file_id: The stored file, as Parquet.
        sha256: Of what was uploaded.
        households: Rows.
        people: Members of all households together.
        uploaded_by: Pseudonymous id of the officer.
        uploaded_at: When.
        kept_until_on: The last day on which the file is kept.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.CharField(max_length=60)
    programme = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    origin_note = models.CharField(max_length=300)
    file_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    households = models.BigIntegerField()
    people = models.BigIntegerField()
    uploaded_by = models.CharField(max_length=80)
    uploaded_at = models.DateTimeField()
    kept_until_on = models.DateField()

    class Meta:
        """Order and indexes."""

        ordering = ("-uploaded_at", "-id")
        indexes = (models.Index(fields=["agency", "-uploaded_at"], name="insight_populations"),)

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        """The ledger's stream."""
        return f"population:{self.pk}"


class Simulation(models.Model):
    """One run of the law in force and of a reform over a population; its figures never change.

    Attributes:
        agency: Key of the agency whose analyst ordered it.
        title: As the analyst calls it.
        programme: Its key.
        reference_on: The day whose law is the baseline.
        origin: Where the population comes from.
        population: The recipe of the population (JSON).
        population_hash: Names the population; the same name, the same people.
        baseline_law: Id of the kept law (see ``decisions.actions.keep_law``).
        baseline_hash: SHA-256 of its model.
        parameters_hash: SHA-256 of its parameters.
        changes: Changed figures by key (JSON).
        reform_law: Id of the kept law whose model the reform uses; none for the model in force or an uploaded one.
        reform_file: Name of the reform's model; empty for the model in force.
        reform_hash: SHA-256 of the reform's model.
        reform_text: An uploaded model.
        versions: What worked it out: engines, code, packages (JSON).
        repeats: The simulation that this one runs again.
        status: How it stands.
        rows_done: Households worked out so far.
        rows_expected: About how many there are.
        error: Why it failed, in plain words.
        figures: Exact figures (JSON); null until it is done.
        result_hash: Names them.
        cpu_ms: Processor time used.
        ordered_by: Pseudonymous id.
        ordered_at: When.
        finished_at: When.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    programme = models.CharField(max_length=60)
    reference_on = models.DateField()
    origin = models.CharField(max_length=20, choices=Origin.choices)
    population = models.JSONField()
    population_hash = models.CharField(max_length=64)
    baseline_law = models.UUIDField()
    baseline_hash = models.CharField(max_length=64)
    parameters_hash = models.CharField(max_length=64)
    changes = models.JSONField(default=dict)
    reform_law = models.UUIDField(null=True)
    reform_file = models.CharField(max_length=120, blank=True)
    reform_hash = models.CharField(max_length=64)
    reform_text = models.TextField(blank=True)
    versions = models.JSONField(default=dict)
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repetitions")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.WAITING)
    rows_done = models.BigIntegerField(default=0)
    rows_expected = models.BigIntegerField()
    error = models.TextField(blank=True)
    figures = models.JSONField(null=True)
    result_hash = models.CharField(max_length=64, blank=True)
    cpu_ms = models.BigIntegerField(default=0)
    ordered_by = models.CharField(max_length=80)
    ordered_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Order, indexes and constraints."""

        ordering = ("-ordered_at", "-id")
        indexes = (models.Index(fields=["agency", "-ordered_at"], name="insight_by_agency"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status=Status.DONE) | (Q(figures__isnull=False) & ~Q(result_hash="")),
                name="insight_done_has_figures",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def stream(self) -> str:
        """The ledger's stream."""
        return f"simulation:{self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in {Status.DONE, Status.FAILED}

    @property
    def share_done(self) -> int:
        """Percent of the households that have been worked out."""
        if self.status == Status.DONE:
            return 100
        return min(99, 100 * self.rows_done // max(1, self.rows_expected))


class Checkpoint(models.Model):
    """How far a simulation has come, so that a worker that takes it over goes on from there.

    Attributes:
        simulation: Whose.
        parts: So many parts of the population, from the first on, are in the tally.
        rows: Their households.
        tally: What they came to, as `simulation.tally` writes it.
        versions: What worked them out; another code begins anew (JSON).
        cpu_ms: Processor time used so far.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    simulation = models.OneToOneField(Simulation, on_delete=models.CASCADE, related_name="checkpoint")
    parts = models.IntegerField()
    rows = models.BigIntegerField()
    tally = models.BinaryField()
    versions = models.JSONField()
    cpu_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.parts} parts"
