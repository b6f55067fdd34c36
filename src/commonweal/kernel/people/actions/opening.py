"""What happens when somebody opens an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record
from commonweal.kernel.people.actions.accounts import locked_account
from commonweal.kernel.people.actions.persons import register_person
from commonweal.kernel.people.models import Account, Person


@action
def open_account(account_id: UUID, *, name: str, language: str, by: Actor, at: datetime) -> Account:
    """Give an account that somebody has just opened a person of its own. Doing it again changes nothing.

    Raises:
        NotFound: There is no such account.
    """
    account = locked_account(account_id)
    if not Person.objects.filter(account=account).exists():
        record("people.account_created", stream=f"account:{account.pk}", by=by, at=at)
        register_person(name, email=account.email, language=language, account_id=account.pk, by=by, at=at)
    return account
