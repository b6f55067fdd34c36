"""Everything that changes tokens for programs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Invalid, NotFound
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people import rules
from commonweal.kernel.people.actions.accounts import locked_account
from commonweal.kernel.people.enums import Face, Scope
from commonweal.kernel.people.errors import TooManyTokens
from commonweal.kernel.people.models import ApiToken
from commonweal.kernel.people.queries import ISSUER, token_hash
from commonweal.kernel.people.rules import must
from commonweal.kernel.people.types import MadeToken

MAX_TOKENS = 20
MAX_DAYS = 365
NAME_LENGTH = 100
_LETTERS = "abcdefghijkmnopqrstuvwxyz23456789"
_SECRET_BYTES = 32


@action
def make_token(
    account_id: UUID, *, name: str, scope: str, expires_at: datetime, by: Actor, at: datetime
) -> MadeToken:
    """Make a token with which a program signs in as the account's owner; its secret is returned once.

    Args:
        account_id: The account of whoever makes it.
        name: What the owner calls it, at most 100 letters.
        scope: One of :class:`~commonweal.kernel.people.enums.Scope`.
        expires_at: When it ends: within a year.
        by: The account's owner; the token acts with the face that the owner is using.
        at: When, with a time zone.

    Raises:
        NotFound: There is no such account.
        Forbidden: It is not the actor's own.
        Invalid: A field cannot be accepted.
        TooManyTokens: The account has 20 already.
    """
    account = locked_account(account_id)
    must(rules.owns_account(by, account))
    name = readable(name)
    wrong = {}
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        wrong["name"] = _("Give the token a name of at most 100 letters.")
    if scope not in Scope.values:
        wrong["scope"] = _("Choose what the token may do.")
    if not at < expires_at <= at + timedelta(days=MAX_DAYS):
        wrong["days"] = _("Choose how long the token is valid: at most one year.")
    if wrong:
        raise Invalid(wrong)
    if ApiToken.objects.filter(account=account, revoked_at=None, expires_at__gt=at).count() >= MAX_TOKENS:
        raise TooManyTokens(limit=MAX_TOKENS)
    prefix = "".join(secrets.choice(_LETTERS) for _letter in range(8))
    secret = f"{ISSUER}_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    token = ApiToken.objects.create(
        account=account,
        face=Face(by.kind.value),
        name=name,
        prefix=prefix,
        token_hash=token_hash(secret),
        scope=scope,
        created_at=at,
        expires_at=expires_at,
    )
    record(
        "people.token_made",
        stream=f"account:{account.pk}",
        subject=UUID(by.id),
        by=by,
        at=at,
        token=token.pk,
        name=name,
        prefix=prefix,
        scope=scope,
        expires_at=expires_at,
    )
    return MadeToken(token.pk, secret)


@action
def revoke_token(token_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a token back: it is worth nothing from now on. Doing it again changes nothing.

    Raises:
        NotFound: There is no such token, or it is not the actor's own.
    """
    tokens = rules.visible_tokens(ApiToken.objects.filter(pk=token_id), by)
    token = ApiToken.objects.select_for_update().filter(pk__in=tokens.values("pk")).order_by().first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        stream = f"account:{token.account_id}"
        record("people.token_revoked", stream=stream, subject=UUID(by.id), by=by, at=at, token=token.pk)


@action
def revoke_tokens(account_id: UUID, *, by: Actor, at: datetime) -> int:
    """Take all tokens of an account back, for example because its password was changed; return how many.

    Raises:
        NotFound: There is no such account.
        Forbidden: It is not the actor's own.
    """
    account = locked_account(account_id)
    must(rules.owns_account(by, account))
    standing = ApiToken.objects.select_for_update().filter(
        account=account, revoked_at=None, expires_at__gt=at
    )
    tokens = list(standing.order_by("pk"))
    for token in tokens:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        stream = f"account:{account.pk}"
        record("people.token_revoked", stream=stream, subject=UUID(by.id), by=by, at=at, token=token.pk)
    return len(tokens)
