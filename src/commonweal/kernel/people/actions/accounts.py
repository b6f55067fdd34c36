"""Everything that changes accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import Q

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.fields import new_id
from commonweal.kernel.base.rows import insert
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people import rules
from commonweal.kernel.people.errors import (
    EmailTaken,
)
from commonweal.kernel.people.models import (
    Account,
)
from commonweal.kernel.people.rules import must


@action
def create_account(
    email: str, *, by: Actor, at: datetime, password: str | None = None, is_verified: bool = False
) -> Account:
    """Make a way to sign in.

    Args:
        email: The address to sign in with; kept in small letters.
        by: Who does it.
        at: When, with a time zone.
        password: Without one, the account signs in by a code sent to the address.
        is_verified: Whether somebody has made sure that the address is theirs.

    Raises:
        EmailTaken: Another account has this address.
    """
    email = email.strip().lower()
    if Account.objects.filter(email=email).exists():
        raise EmailTaken
    account = Account(email=email, created_at=at)
    account.password = make_password(password)
    insert(account)
    EmailAddress.objects.create(user=account, email=email, verified=is_verified, primary=True)
    record("people.account_created", stream=f"account:{account.pk}", by=by, at=at)
    return account


@action
def suspend_account(account_id: UUID, *, reason: str, by: Actor, at: datetime) -> Account:
    """Take an account's power away, at once and in all its sessions. Doing it again changes nothing.

    Raises:
        NotFound: There is no such account.
        Forbidden: The actor may not suspend accounts.
    """
    must(rules.may_everywhere(by, rules.SUSPEND))
    account = locked_account(account_id)
    if account.is_active:
        account.is_active = False
        account.save(update_fields=["is_active"])
        record("people.account_suspended", stream=f"account:{account.pk}", by=by, at=at, reason=reason)
    return account


@action
def reinstate_account(account_id: UUID, *, reason: str, by: Actor, at: datetime) -> Account:
    """Give a suspended account its power back. Doing it again changes nothing.

    Raises:
        NotFound: There is no such account.
        Forbidden: The actor may not suspend accounts.
    """
    must(rules.may_everywhere(by, rules.SUSPEND))
    account = locked_account(account_id)
    if not account.is_active:
        account.is_active = True
        account.save(update_fields=["is_active"])
        record("people.account_reinstated", stream=f"account:{account.pk}", by=by, at=at, reason=reason)
    return account


def locked_account(account_id: UUID) -> Account:
    """Return an account and hold its row until the transaction ends.

    Raises:
        NotFound: There is no such account.
    """
    account = Account.objects.select_for_update().filter(pk=account_id).order_by().first()
    if account is None:
        raise NotFound
    return account


def forget_authority(accounts: Q) -> None:
    """Make every process read these accounts' grants, teams and records anew."""
    for account_id in Account.objects.filter(accounts).order_by("pk").values_list("pk", flat=True).distinct():
        Account.objects.filter(pk=account_id).update(authority=new_id())
