"""The tables of the mailbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal


class Thread(models.Model):
    """The messages to one person about one thing."""

    personal: ClassVar[Personal | None] = Personal(
        subject="recipient_id",
        purpose="Keeps together what was written about one matter.",
        retention="with its messages",
        erasure=Erasure.DELETE_ROWS,
        fields=("recipient",),
        stream="stream",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    agency = models.CharField(max_length=60)
    stream = models.CharField(max_length=120, help_text="Of the ledger: what it is about.")
    created_at = models.DateTimeField()

    class Meta:
        """Order and constraints."""

        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("recipient", "stream"), name="mailbox_one_thread_a_matter"),
        )
        indexes = (models.Index(fields=("stream",), name="mailbox_thread_matter"),)

    def __str__(self) -> str:
        return f"thread {self.pk}"


class Message(models.Model):
    """A letter in somebody's mailbox, as it was worded when it was sent."""

    personal: ClassVar[Personal | None] = Personal(
        subject="recipient_id",
        purpose="Tells a person what was decided, and proves that it was served.",
        retention="with case",
        erasure=Erasure.DELETE_ROWS,
        fields=("subject", "summary", "body", "address"),
        what=_("Letters and messages"),
        stream="thread__stream",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    recipient = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    agency = models.CharField(max_length=60)
    service_key = models.CharField(max_length=100)
    version_id = models.UUIDField(
        null=True,
        help_text="Version of the service whose template was used; null where it is about no service.",
    )
    letter_key = models.CharField(max_length=100)
    language = models.CharField(max_length=20)
    reference = models.CharField(max_length=40, blank=True)
    subject = EncryptedTextField()
    summary = EncryptedTextField()
    body = EncryptedTextField(help_text="Markdown.")
    address = EncryptedTextField(help_text="Lines of the receiver's address when it was sent.")
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    unique_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - None repeats freely

    class Meta:
        """Order and indexes."""

        ordering = ("-sent_at", "-id")
        indexes = (
            models.Index(fields=("recipient", "-sent_at"), name="mailbox_of_person"),
            models.Index(fields=("recipient",), condition=models.Q(read_at=None), name="mailbox_unread"),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attachment(models.Model):
    """A file that belongs to a message: the letter as PDF."""

    personal: ClassVar[Personal | None] = Personal(
        subject="message__recipient_id",
        purpose="Leads to the letter in the form that is printed and kept.",
        retention="with case",
        erasure=Erasure.WITH_PARENT,
        fields=("message",),
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=100)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Order and constraints."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("message", "name"), name="mailbox_one_file_a_name"),)

    def __str__(self) -> str:
        return self.name
