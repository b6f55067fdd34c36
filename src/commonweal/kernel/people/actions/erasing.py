"""What happens to accounts and persons when somebody's data are erased; ``consent`` decides when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db.models import Q

from commonweal.kernel.base.personal import must_not_be_held
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record_many
from commonweal.kernel.ledger.types import Entry
from commonweal.kernel.people.models import Account, Merge, Officer, Person


@action
def close_accounts(account_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """Delete accounts with all ways to sign in, and end their sessions; an officer's stays, without its person.

    Raises:
        UnderHold: A hold on the person forbids it.
    """
    wanted = list(account_ids)
    persons = list(Person.objects.select_for_update().filter(account__in=wanted).order_by("pk"))
    must_not_be_held(subjects=[person.pk for person in persons])
    used = set(Officer.objects.filter(account__in=wanted).order_by("pk").values_list("account", flat=True))
    record_many("people.account_closed", [Entry(f"account:{one}", None, {}) for one in wanted], by=by, at=at)
    Person.objects.filter(account__in=used).update(account=None)
    closing = [one for one in wanted if one not in used]
    for session in UserSession.objects.filter(user__in=closing).order_by("pk"):
        session.end()
    Account.objects.filter(pk__in=closing).delete()


@action
def blank_persons(person_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """Take names and addresses out of records, and the reasons why records were merged; the rows stay.

    Raises:
        UnderHold: A hold on one of them forbids it.
    """
    wanted = list(person_ids)
    must_not_be_held(subjects=wanted)
    record_many("people.person_erased", [Entry(f"person:{one}", None, {}) for one in wanted], by=by, at=at)
    Merge.objects.filter(Q(kept__in=wanted) | Q(merged__in=wanted)).delete()
    Person.objects.filter(pk__in=wanted).update(name="", email="", language="en")
