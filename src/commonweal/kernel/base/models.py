"""Answers of the API that a repeated request gets again, and what all processes count together."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import NONE, Erasure, Personal


class IdempotentAnswer(models.Model):
    """What was answered to a request that carried an ``Idempotency-Key``.

    Attributes:
        actor: Who asked: kind and id; keys of different actors do not meet.
        key: The header's value.
        request_hash: SHA-256 of method, path and body; the same key with another request is refused.
        status: HTTP status.
        body: The answer; encrypted.
        disclosed: Whose data the answer shows, and what for; ids only. A repetition discloses them again.
        created_at: When; answers are kept for a day.
    """

    personal: ClassVar[Personal | None] = Personal(
        subject="actor",
        purpose="To do a repeated request only once.",
        retention="1 day",
        erasure=Erasure.DELETE_ROWS,
        fields=("actor", "body"),
        subject_as="resident:{}",
        expired=lambda at: models.Q(created_at__lt=at - timedelta(days=1)),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(default="")
    disclosed = models.JSONField(default=list)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        """Table options."""

        constraints = (models.UniqueConstraint(fields=["actor", "key"], name="base_idempotent_once"),)

    def __str__(self) -> str:
        return self.key


class SharedEntry(models.Model):
    """What all processes remember together for some minutes: how often an address or account has tried something.

    It is the table of Django's database cache (``CACHES``), which reads and writes it. Nothing in it lasts longer than a
    day, and a nightly job of ``people`` deletes what has run out.

    Attributes:
        cache_key: What is remembered: a network address, an account's id or the hash of an e-mail address in it.
        value: Times of the attempts, as the cache writes them.
        expires_at: When it is forgotten.
    """

    personal: ClassVar[Personal | None] = NONE

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(db_column="expires", db_index=True)

    class Meta:
        """Table options."""

        db_table = "base_shared_entry"

    def __str__(self) -> str:
        return self.cache_key
