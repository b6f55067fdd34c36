"""Who there is: accounts, persons and what is known of them, organisations, officers, teams, grants."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.fields import EncryptedTextField, new_id
from commonweal.kernel.base.personal import Erasure, Personal
from commonweal.kernel.people.enums import Face, Scope


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by e-mail address, and joins what a request needs to know."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account with this e-mail address, however its letters are written."""
        return self.get(email=(username or "").lower())

    def for_request(self) -> models.QuerySet[Account]:
        """Return accounts with their person and officer, in one query."""
        return self.select_related("person", "officer")


class Account(AbstractBaseUser):
    """A way to sign in. Who signs in is a person, an officer, or both.

    Attributes:
        email: In small letters; the name to sign in with.
        is_active: False for a suspended account; it loses its sessions' power at once.
        authority: Changes with the officer's grants and teams, so that a process may remember them under it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    authority = models.UUIDField(default=new_id, editable=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    personal: ClassVar[Personal | None] = Personal(
        subject="person__id",
        purpose="To let people sign in.",
        retention="until the person closes the account",
        erasure=Erasure.DELETE_ROWS,
        fields=("email", "password", "last_login"),
        what=_("Your account"),
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="people_account_email_lower")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Person(models.Model):
    """A human being whom the government serves, with or without an account.

    Attributes:
        account: How the person signs in, if at all.
        name: As the person writes it.
        email: Where to write to; not necessarily the account's.
        language: BCP 47 tag of the language to write in.
        merged_into: The record that this one is the same person as; it is never one that was merged itself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(
        "people.Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=12, default="en")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    created_at = models.DateTimeField()

    personal: ClassVar[Personal | None] = Personal(
        subject="id",
        purpose="To know whom a service is for and how to reach them.",
        retention="3,650 days after the last case ends",
        erasure=Erasure.BLANK_FIELDS,
        fields=("name", "email", "language"),
        what=_("Your name and how to reach you"),
        goes_last=True,
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "id"], name="people_person_name"),
            # Most persons have neither: over all rows, the planner takes an index of nulls for a bad one.
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="people_person_merged"
            ),
            models.Index(
                fields=["account"], condition=Q(account__isnull=False), name="people_person_account"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="people_person_not_itself",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Merge(models.Model):
    """Two records that were found to be one person; it can be undone, for nothing is moved but pointers.

    Attributes:
        kept: The record that stands for both.
        merged: The record that now points to it.
        moved: Ids of the records that pointed to ``merged`` before.
        reason: Why they are one person.
        parted_at: When it was undone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="merges_merged")
    moved = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    merged_at = models.DateTimeField()
    parted_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="kept_id",
        purpose="To undo a mistaken merge.",
        retention="with person",
        erasure=Erasure.WITH_PARENT,
        fields=("moved", "reason"),
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(parted_at__isnull=True), name="people_merge_standing"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Identifier(models.Model):
    """A number or name by which somebody else knows a person.

    Attributes:
        scheme: What sort of identifier, for example ``resident-register``.
        issuer: Who gave it out.
        value: The identifier, encrypted.
        value_index: Its blind index, for exact look-ups.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=60)
    issuer = models.CharField(max_length=120)
    value = EncryptedTextField()
    value_index = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField()

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To recognise a person in the registers of others.",
        retention="with person",
        erasure=Erasure.DELETE_ROWS,
        fields=("value", "value_index"),
        what=_("Numbers by which others know you"),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["scheme", "issuer", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scheme", "issuer", "value_index"], name="people_identifier_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme} of {self.issuer}"


class Fact(models.Model):
    """Something known of a person: what, from whom, on what ground and since when. A newer one replaces none.

    Attributes:
        key: For example ``birth_date``, ``address``, ``household``, ``dwelling_id``.
        value: JSON; dates in ISO 8601, numbers that count as decimal strings.
        source: Who said so: a register's name, or ``person``.
        legal_basis: The ground on which it is held.
        observed_at: When it was so; the latest counts.
        withdrawn_at: When it was found to be wrong.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    key = models.CharField(max_length=60)
    value = models.JSONField()
    source = models.CharField(max_length=120)
    legal_basis = models.CharField(max_length=200)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="person_id",
        purpose="To ask nobody twice for what the government knows.",
        retention="with person",
        erasure=Erasure.DELETE_ROWS,
        fields=("value",),
        what=_("What is known about you"),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["key", "-observed_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "key", "-observed_at"], name="people_fact_latest")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.person_id}"


class Organisation(models.Model):
    """A business, association or public body.

    Attributes:
        scheme: Register that gave the number, for example ``us-wa-ubi``.
        number: The number in that register; empty where it is in none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    scheme = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField()

    personal: ClassVar[Personal | None] = None

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scheme", "number"], condition=~Q(number=""), name="people_organisation_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Officer(models.Model):
    """Somebody who works for an agency.

    Attributes:
        account: How the officer signs in.
        agency: Key of the agency.
        is_active: False once the officer has left.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(
        "people.Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="officer"
    )
    agency = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    personal: ClassVar[Personal | None] = Personal(
        subject="id",
        purpose="To know who acts for the government.",
        retention="3,650 days after the officer leaves",
        erasure=Erasure.BLANK_FIELDS,
        fields=("name", "title"),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Officers who share a queue; declared in ``jurisdiction.yaml``.

    Attributes:
        key: Stable name.
        is_active: False once the jurisdiction no longer declares it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    agency = models.CharField(max_length=60, db_index=True)
    is_active = models.BooleanField(default=True)

    personal: ClassVar[Personal | None] = None

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An officer belongs to a team."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("people.Team", on_delete=models.CASCADE, related_name="memberships")
    officer = models.ForeignKey("people.Officer", on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField()

    personal: ClassVar[Personal | None] = Personal(
        subject="officer_id",
        purpose="To know who works on which queue.",
        retention="with officer",
        erasure=Erasure.DELETE_ROWS,
        fields=("team", "officer"),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["team", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "officer"], name="people_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} in {self.team_id}"


class GrantQuerySet(models.QuerySet["Grant"]):
    """Chains of grants."""

    def in_force(self, on: date) -> Self:
        """Return the grants that hold on a day."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), from_on__lte=on, revoked_at=None)


class Grant(models.Model):
    """An officer may do something in an agency, from one day until another.

    Attributes:
        role: Key of a role (a named set of capabilities); empty where one capability is granted.
        capability: Key of the capability; empty where a role is granted.
        agency: Where it holds.
        until_on: The last day; none for "until revoked".
        granted_by: Id of the actor who granted it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    officer = models.ForeignKey("people.Officer", on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=60, blank=True)
    capability = models.CharField(max_length=80, blank=True)
    agency = models.CharField(max_length=60, db_index=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    personal: ClassVar[Personal | None] = Personal(
        subject="officer_id",
        purpose="To prove who was allowed to do what.",
        retention="3,650 days after the grant ends",
        erasure=Erasure.WITH_PARENT,
        fields=("officer", "role", "capability"),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-from_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(role="") & ~Q(capability="") | ~Q(role="") & Q(capability=""),
                name="people_grant_one_of",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="people_grant_term"
            ),
            models.UniqueConstraint(
                fields=["officer", "role", "capability", "agency"],
                condition=Q(revoked_at__isnull=True),
                name="people_grant_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role or self.capability} in {self.agency}"

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.revoked_at is None and self.from_on <= on <= (self.until_on or on)


class ApiToken(models.Model):
    """What a program signs in with in place of an account's owner.

    Attributes:
        account: Whose power it has; a suspended account's tokens are worth nothing.
        face: As which of the two it acts, where an account is both a resident's and an officer's.
        name: What the owner calls it.
        prefix: Its first letters, to be recognised by.
        token_hash: SHA-256 of the whole token; the token itself is not kept.
        scope: What it may do.
        revoked_at: When it was taken back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("people.Account", on_delete=models.CASCADE, related_name="tokens")
    face = models.CharField(max_length=12, choices=Face.choices)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=12, choices=Scope.choices)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[Personal | None] = Personal(
        subject="account__person__id",
        purpose="To let a person's own programs use the API.",
        retention="90 days after it expires or is revoked",
        erasure=Erasure.WITH_PARENT,
        fields=("name",),
        expired=lambda at: (
            Q(expires_at__lt=at - timedelta(days=90)) | Q(revoked_at__lt=at - timedelta(days=90))
        ),
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="people_apitoken_expiry")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="people_apitoken_scope"),
            models.CheckConstraint(condition=Q(face__in=Face.values), name="people_apitoken_face"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="people_apitoken_term"),
        ]

    def __str__(self) -> str:
        return self.prefix


def normal_form(value: Any) -> str:
    """Return an identifier without blanks and dashes, in capitals, so that two spellings are one."""
    return "".join(char for char in str(value).upper() if char.isalnum())
