"""Versions of services, each with the text of its files."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.personal import NONE, Personal
from commonweal.kernel.catalogue.enums import Status


class ServiceVersionQuerySet(models.QuerySet["ServiceVersion"]):
    """Chainable questions about versions."""

    def live(self) -> ServiceVersionQuerySet:
        """Return the versions that take new applications."""
        return self.filter(status=Status.LIVE)

    def of(self, service_key: str) -> ServiceVersionQuerySet:
        """Return the versions of one service, the newest first."""
        return self.filter(service_key=service_key).order_by("-number")

    def without_files(self) -> ServiceVersionQuerySet:
        """Leave the files' text in the database."""
        return self.defer("files")


class ServiceVersion(models.Model):
    """One version of a service: immutable text, under its hash. Only ``status`` changes.

    Attributes:
        service_key: The service.
        agency: Key of the agency answerable for it.
        number: From 1, within the service.
        content_hash: SHA-256 of the files but the translations.
        locale_hash: SHA-256 of the translations.
        files: Text of each file, by its path in the service's folder.
        published_at: When.
        status: How it stands towards new applicants; one version at most is live or suspended.
    """

    personal: ClassVar[Personal | None] = NONE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service_key = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    locale_hash = models.CharField(max_length=64)
    files = models.JSONField()
    published_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices)

    objects = ServiceVersionQuerySet.as_manager()

    class Meta:
        """Table options."""

        constraints = (
            models.UniqueConstraint(fields=["service_key", "number"], name="catalogue_version_number"),
            models.UniqueConstraint(
                fields=["service_key"],
                condition=models.Q(status__in=[Status.LIVE, Status.SUSPENDED]),
                name="catalogue_one_offered_version",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(Status.values)), name="catalogue_known_status"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_key} {self.number}"

    @property
    def stream(self) -> str:
        """The ledger's stream of the service."""
        return f"service:{self.service_key}"
