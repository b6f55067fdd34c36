"""Everything that changes what is held of persons and organisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.prepared import Given, Prepared
from commonweal.kernel.base.rows import insert, insert_all
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor, Json
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry, Value
from commonweal.kernel.people import rules
from commonweal.kernel.people.actions.accounts import forget_authority, locked_account
from commonweal.kernel.people.errors import (
    AlreadyMerged,
    IdentifierTaken,
)
from commonweal.kernel.people.models import (
    Fact,
    Identifier,
    Merge,
    Organisation,
    Person,
)
from commonweal.kernel.people.queries import identifier_index
from commonweal.kernel.people.rules import must

_person_to_change = Prepared(lambda: Person.objects.select_for_update().filter(pk=Given("id")).order_by())
_facts_from = Prepared(
    lambda: Fact.objects.filter(person=Given("person"), source=Given("source"), withdrawn_at=None).order_by(
        "observed_at", "id"
    )
)


@action
def register_person(
    name: str,
    *,
    by: Actor,
    at: datetime,
    email: str = "",
    language: str = "en",
    account_id: UUID | None = None,
) -> Person:
    """Take up a person.

    Args:
        name: As the person writes it.
        by: Who does it.
        at: When, with a time zone.
        email: Where to write to.
        language: BCP 47 tag.
        account_id: How the person signs in; an account that has a person already keeps it, and that one is returned.
    """
    if account_id is not None:
        account = locked_account(account_id)
        known = Person.objects.filter(account=account).order_by().first()
        if known is not None:
            return known
    person = Person(
        account_id=account_id, name=readable(name), email=email.strip(), language=language, created_at=at
    )
    insert(person)
    record(
        "people.person_registered",
        stream=f"person:{person.pk}",
        subject=person.pk,
        by=by,
        at=at,
        name=person.name,
        email=person.email,
        account=account_id,
    )
    return person


@action
def change_person(
    person_id: UUID,
    *,
    by: Actor,
    at: datetime,
    name: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> Person:
    """Change a person's name, contact address or language; what is not given stays, and no change leaves no entry.

    Raises:
        NotFound: There is no such person.
        Forbidden: The actor is neither the person nor may find persons.
    """
    person = _locked_person(person_id)
    must(rules.allows_person(by, person))
    given = {"name": name, "email": email, "language": language}
    changed = {
        key: text
        for key, value in given.items()
        if value is not None and (text := readable(value)) != getattr(person, key)
    }
    if changed:
        for key, value in changed.items():
            setattr(person, key, value)
        person.save(update_fields=list(changed))
        stream = f"person:{person.pk}"
        record("people.person_changed", stream=stream, subject=person.pk, by=by, at=at, **changed)
    return person


def _locked_person(person_id: UUID) -> Person:
    person = _person_to_change.one(id=person_id)
    if person is None:
        raise NotFound
    return person


@action
def add_identifier(
    person_id: UUID, *, scheme: str, issuer: str, value: str, by: Actor, at: datetime
) -> Identifier:
    """Note under which number somebody else knows a person. Doing it again changes nothing.

    Raises:
        NotFound: There is no such person.
        IdentifierTaken: Another person has it.
    """
    person = _locked_person(person_id)
    index = identifier_index(value)
    known = Identifier.objects.filter(scheme=scheme, issuer=issuer, value_index=index).order_by().first()
    if known is not None:
        if known.person_id != person.pk:
            raise IdentifierTaken
        return known
    identifier = Identifier.objects.create(
        person=person, scheme=scheme, issuer=issuer, value=value, value_index=index, created_at=at
    )
    stream = f"person:{person.pk}"
    record(
        "people.identifier_added",
        stream=stream,
        subject=person.pk,
        by=by,
        at=at,
        scheme=scheme,
        issuer=issuer,
    )
    return identifier


@action
def record_facts(
    person_id: UUID,
    facts: Mapping[str, Json],
    *,
    source: str,
    legal_basis: str,
    observed_at: datetime,
    by: Actor,
    at: datetime,
) -> list[Fact]:
    """Note what somebody says of a person; a fact that the same source has said last already is not noted again.

    Args:
        person_id: Whom the facts are about.
        facts: Values by key, JSON; dates in ISO 8601; None says nothing and is left out.
        source: Who says so: a register's name, or ``person``.
        legal_basis: The ground on which it is held.
        observed_at: When it was so.
        by: Who notes it.
        at: When, with a time zone.

    Returns:
        The facts that were added.

    Raises:
        NotFound: There is no such person.
        Forbidden: A resident notes something about somebody else.
    """
    person = _locked_person(person_id)
    must(rules.own_id(by) in {None, person.pk, person.merged_into_id} and by.is_signed_in)
    known = {fact.key: fact for fact in _facts_from.all(person=person.pk, source=source)}
    added = [
        Fact(
            person=person,
            key=key,
            value=value,
            source=source,
            legal_basis=legal_basis,
            observed_at=observed_at,
            recorded_at=at,
        )
        for key, value in facts.items()
        if value is not None and (key not in known or known[key].value != value)
    ]
    insert_all(added)
    if added:
        record(
            "people.facts_recorded",
            stream=f"person:{person.pk}",
            subject=person.pk,
            by=by,
            at=at,
            facts={fact.key: fact.value for fact in added},
            source=source,
            legal_basis=legal_basis,
            observed_at=observed_at,
        )
    return added


@action
def withdraw_fact(fact_id: UUID, *, reason: str, by: Actor, at: datetime) -> Fact:
    """Mark a fact as wrong: it stays, and no longer counts. Doing it again changes nothing.

    Raises:
        NotFound: There is no such fact.
        Forbidden: The actor may not find persons.
    """
    must(rules.may_everywhere(by, rules.SEARCH))
    fact = Fact.objects.select_for_update().filter(pk=fact_id).order_by().first()
    if fact is None:
        raise NotFound
    if fact.withdrawn_at is None:
        fact.withdrawn_at = at
        fact.save(update_fields=["withdrawn_at"])
        record(
            "people.fact_withdrawn",
            stream=f"person:{fact.person_id}",
            subject=fact.person_id,
            by=by,
            at=at,
            fact=fact.pk,
            key=fact.key,
            reason=reason,
        )
    return fact


@action
def merge_persons(kept_id: UUID, merged_id: UUID, *, reason: str, by: Actor, at: datetime) -> Merge:
    """Let one record stand for two that are the same person; :func:`part_persons` undoes it.

    Nothing is moved: the merged record, and those merged into it before, point to the one that stands.

    Args:
        kept_id: The record that shall stand for both; if it was merged itself, the one it points to.
        merged_id: The other record; likewise.
        reason: Why they are one person.
        by: Who decided so.
        at: When, with a time zone.

    Raises:
        NotFound: There is no such person.
        Forbidden: The actor may not merge.
        AlreadyMerged: They are one person already.
    """
    must(rules.may_everywhere(by, rules.MERGE))
    locked = {person.pk: person for person in _locked_group(Q(pk__in=[kept_id, merged_id]))}
    if kept_id not in locked or merged_id not in locked:
        raise NotFound
    kept, merged = (locked[asked].merged_into_id or asked for asked in (kept_id, merged_id))
    if kept == merged:
        raise AlreadyMerged
    group = _locked_group(Q(pk=merged) | Q(merged_into=merged))
    moved = [person.pk for person in group if person.pk != merged]
    merge = Merge.objects.create(
        kept_id=kept, merged_id=merged, moved=[str(person) for person in moved], reason=reason, merged_at=at
    )
    Person.objects.filter(pk__in=[merged, *moved]).update(merged_into=kept)
    forget_authority(Q(person=kept) | Q(person__merged_into=kept))
    _record_both("people.persons_merged", merge, by=by, at=at)
    return merge


@action
def part_persons(merge_id: UUID, *, reason: str, by: Actor, at: datetime) -> Merge:
    """Undo a merge: the records are two persons again, each with what was its own.

    Raises:
        NotFound: There is no such merge.
        Forbidden: The actor may not merge.
        AlreadyMerged: It was undone before.
    """
    must(rules.may_everywhere(by, rules.MERGE))
    merge = Merge.objects.select_for_update().filter(pk=merge_id).order_by().first()
    if merge is None:
        raise NotFound
    if merge.parted_at is not None:
        raise AlreadyMerged
    moved = [UUID(person) for person in merge.moved]
    parted, *_ = _locked_group(Q(pk=merge.merged_id))
    stood = parted.merged_into_id
    _locked_group(Q(pk__in=moved))
    Person.objects.filter(pk__in=moved, merged_into=parted.merged_into_id).update(merged_into=parted.pk)
    Person.objects.filter(pk=parted.pk).update(merged_into=None)
    apart = [stood, parted.pk]
    forget_authority(Q(person__in=apart) | Q(person__merged_into__in=apart))
    merge.parted_at = at
    merge.save(update_fields=["parted_at"])
    _record_both("people.persons_parted", merge, by=by, at=at, reason=reason)
    return merge


def _locked_group(condition: Q) -> list[Person]:
    return list(Person.objects.select_for_update().filter(condition).order_by("pk"))


def _record_both(type_: str, merge: Merge, *, by: Actor, at: datetime, reason: str | None = None) -> None:
    payload: dict[str, Value] = {
        "merge": merge.pk,
        "kept": merge.kept_id,
        "merged": merge.merged_id,
        "reason": reason or merge.reason,
    }
    entries = [
        Entry(f"person:{person}", person, payload) for person in sorted((merge.kept_id, merge.merged_id))
    ]
    record_many(type_, entries, by=by, at=at)


@action
def register_organisation(
    name: str, *, by: Actor, at: datetime, scheme: str = "", number: str = "", email: str = ""
) -> Organisation:
    """Take up an organisation; one with the same number in the same register is returned as it is."""
    if number:
        known = Organisation.objects.filter(scheme=scheme, number=number).order_by().first()
        if known is not None:
            return known
    organisation = Organisation.objects.create(
        name=readable(name), scheme=scheme, number=number, email=email.strip(), created_at=at
    )
    stream = f"organisation:{organisation.pk}"
    record(
        "people.organisation_registered",
        stream=stream,
        by=by,
        at=at,
        name=organisation.name,
        scheme=scheme,
        number=number,
    )
    return organisation
