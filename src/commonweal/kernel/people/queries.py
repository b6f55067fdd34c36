"""Answers about accounts, persons, officers and teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import SignedIn
from commonweal.kernel.base.encryption import blind_index
from commonweal.kernel.base.errors import NotFound
from commonweal.kernel.base.prepared import Given, Prepared, Question
from commonweal.kernel.base.templates import isolated, long_date
from commonweal.kernel.base.types import Actor, ActorKind, Json
from commonweal.kernel.people.enums import Face, Scope
from commonweal.kernel.people.models import (
    Account,
    ApiToken,
    Fact,
    Grant,
    Identifier,
    Merge,
    Officer,
    Organisation,
    Person,
    Team,
    normal_form,
)
from commonweal.kernel.people.registry import capabilities_of
from commonweal.kernel.people.rules import (
    visible_grants,
    visible_officers,
    visible_persons,
    visible_teams,
    visible_tokens,
)
from commonweal.kernel.people.types import DemoSignIn, KnownFact, PersonCard

MAX_FOUND = 20
ISSUER = "cw"
"""What our tokens for programs begin with, so that people and scanners of leaked secrets recognise them."""

_for_request = Prepared(lambda: Account.objects.for_request().filter(pk=Given("id")).order_by())
_records_of_one = Prepared(
    lambda: Person.objects.filter(Q(pk=Given("id")) | Q(merged_into=Given("id"))).order_by()
)
_facts_of_one = Prepared(
    lambda: (
        Fact.objects.filter(person=Given("id"), withdrawn_at=None)
        .order_by("observed_at", "id")
        .only("person_id", "key", "value", "source", "legal_basis", "observed_at")
    )
)
_team = Prepared(lambda: Team.objects.filter(key=Given("key")).order_by())


def account_for_request(account_id: UUID) -> Account | None:
    """Return an account with its person and officer, in one query; None if it is gone."""
    return _for_request.one(id=account_id)


def faces_of(account: Account) -> list[Face]:
    """Return which faces an account may show, the officer's first; no query after :func:`account_for_request`."""
    officer: Officer | None = getattr(account, "officer", None)
    faces = [Face.OFFICER] if officer is not None and officer.is_active else []
    if getattr(account, "person", None) is not None:
        faces.append(Face.RESIDENT)
    return faces


def demo_identities() -> list[DemoSignIn]:
    """Return as whom visitors of the practice city may sign in, officers first; nobody anywhere else."""
    if not settings.COMMONWEAL_DEMO:
        return []
    accounts = Account.objects.for_request().filter(is_active=True).exclude(person=None, officer=None)
    first = accounts.order_by(F("officer__pk").asc(nulls_last=True), "created_at", "pk")[:MAX_FOUND]
    found = [
        DemoSignIn(account.email, account.officer.name, account.officer.title or account.officer.agency)
        if Face.OFFICER in faces_of(account)
        else DemoSignIn(account.email, account.person.name, "")
        for account in first
        if faces_of(account)
    ]
    return sorted(found, key=lambda one: not one.work)


def actor_of(account: Account, *, face: Face | None = None, on: date | None = None) -> Actor:
    """Return who acts when this account does something.

    Args:
        account: Best from :func:`account_for_request`, which joins what is read here.
        face: The face chosen; without a choice, or without the right to it, an officer acts as an officer.
        on: The day for which grants are read; today by default.

    Returns:
        A guest where the account is suspended or belongs to nobody.
    """
    faces = faces_of(account) if account.is_active else []
    if not faces:
        return Actor.guest()
    if (face if face in faces else faces[0]) is Face.RESIDENT:
        person: Person = account.person
        records = _own_records(account.authority, person.pk)
        return Actor(ActorKind.RESIDENT, str(person.merged_into_id or person.pk), records=records)
    officer: Officer = account.officer
    granted, teams = _authority(account.authority, officer.pk, officer.agency, on or clock.today())
    return Actor(ActorKind.OFFICER, str(officer.pk), None, officer.agency, granted, teams)


def officer_with_email(email: str) -> Actor | None:
    """Return the officer who signs in with an address, as who may act; None where there is none."""
    accounts = Account.objects.filter(email__iexact=email.strip(), is_active=True)
    account = accounts.select_related("officer", "person").order_by("pk").first()
    actor = actor_of(account, face=Face.OFFICER) if account is not None else None
    return actor if actor is not None and actor.kind is ActorKind.OFFICER else None


@lru_cache(maxsize=4_096)
def _own_records(version: UUID, person_id: UUID) -> tuple[UUID, ...]:
    """Remembered by process: ``version`` changes when the person's records are merged or parted; none where there is one."""
    records = record_ids(person_id)
    return tuple(sorted(records, key=lambda record: record != person_id)) if len(records) > 1 else ()


@lru_cache(maxsize=4_096)
def _authority(
    version: UUID, officer_id: UUID, agency: str, on: date
) -> tuple[frozenset[str], tuple[UUID, ...]]:
    """Remembered by process: ``version`` changes with the grants and teams."""
    grants = Grant.objects.in_force(on).filter(officer=officer_id, agency=agency)
    granted: set[str] = set()
    for role, capability in grants.values_list("role", "capability"):
        granted |= capabilities_of(role) if role else {capability}
    teams = Team.objects.filter(memberships__officer=officer_id, is_active=True).values_list("pk", flat=True)
    return frozenset(granted), tuple(teams)


def standing_id(person_id: UUID) -> UUID:
    """Return the id of the record that stands for a person: the given one, or the one it was merged into.

    Raises:
        NotFound: There is no such person.
    """
    person = Person.objects.filter(pk=person_id).only("merged_into").order_by().first()
    if person is None:
        raise NotFound
    return person.merged_into_id or person.pk


def person_with_email(email: str) -> UUID | None:
    """Return the person who signs in with an e-mail address that they have proved to be theirs, or None."""
    rows = Person.objects.filter(
        account__emailaddress__email__iexact=email,
        account__emailaddress__verified=True,
        account__is_active=True,
    )
    return rows.order_by("pk").values_list("pk", flat=True).first()


def record_ids(person_id: UUID) -> list[UUID]:
    """Return the ids of all records that are this person, the standing one first.

    What other apps hold about a person they hold under any of them.

    Raises:
        NotFound: There is no such person.
    """
    records = _records([person_id])
    if person_id not in records.standing:
        raise NotFound
    standing = records.standing[person_id].pk
    return [standing, *sorted(records.stands.keys() - {standing})]


def all_record_ids(person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return the ids of all records that are these persons; an id of nobody is returned as it is."""
    asked = frozenset(person_ids)
    return asked | _records(asked).stands.keys()


def records_held(since: Mapping[UUID, datetime]) -> frozenset[UUID]:
    """Return the ids of all records that are these persons, or have been at any time since a day; parted or not.

    Args:
        since: The time from which on, by the id of any record of the person.
    """
    if not since:
        return frozenset()
    parted = list(
        Merge.objects.filter(parted_at__gt=min(since.values()))
        .order_by("merged_at", "id")
        .values_list("kept", "merged", "moved", "parted_at")
    )
    found = all_record_ids(since)
    if not parted:
        return found
    for person_id, at in since.items():
        groups = [
            {kept, merged, *map(UUID, moved)}
            for kept, merged, moved, parted_at in parted
            if parted_at and parted_at > at
        ]
        found |= _grown(set(all_record_ids([person_id])), groups)
    return all_record_ids(found)


def _grown(found: set[UUID], groups: list[set[UUID]]) -> set[UUID]:
    """Return some records with all that one of these groups joins to them."""
    while True:
        near = [group for group in groups if group & found and not group <= found]
        if not near:
            return found
        found = found.union(*near)


def person(person_id: UUID, *, actor: Actor) -> Person:
    """Return a person's record.

    Raises:
        NotFound: There is none, or the actor may not know that there is.
    """
    found = visible_persons(Person.objects.filter(pk=person_id), actor).order_by().first()
    if found is None:
        raise NotFound
    return found


def search_persons(text: str, *, actor: Actor) -> QuerySet[Person]:
    """Return up to 20 persons of whose name each word typed begins a word; the caller records the access."""
    words = text[:200].split()
    if not words:
        return Person.objects.none()
    found = visible_persons(Person.objects.filter(merged_into=None), actor)
    for word in words:
        found = found.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    return found.order_by("name", "id")[:MAX_FOUND]


def person_with_identifier(scheme: str, issuer: str, value: str) -> UUID | None:
    """Return the id of the standing record of the person who has this identifier, or None."""
    row = (
        Identifier.objects.filter(scheme=scheme, issuer=issuer, value_index=identifier_index(value))
        .values_list("person", "person__merged_into")
        .order_by()
        .first()
    )
    return (row[1] or row[0]) if row else None


def identifiers_of(person_id: UUID) -> QuerySet[Identifier]:
    """Return the identifiers of a person, decrypted when read."""
    return Identifier.objects.filter(person__in=record_ids(person_id)).order_by("scheme", "issuer", "id")


def facts_about(person_id: UUID) -> dict[str, KnownFact]:
    """Return the latest that is known of a person under each key; nothing for somebody unknown."""
    return _facts(_records([person_id])).get(person_id, {})


def person_with_facts(person_id: UUID) -> tuple[PersonCard, dict[str, KnownFact]]:
    """Return a person's card and everything that is known of the person, for the price of one of them.

    Raises:
        NotFound: There is no such person.
    """
    records = _records([person_id])
    if person_id not in records.standing:
        raise NotFound
    facts = _facts(records)[person_id]
    return _card(records.standing[person_id], facts), facts


def person_with_facts_asked(person_id: UUID) -> tuple[Question, Question]:
    """Return what :func:`person_with_facts` asks of somebody with one record, to be asked together with others."""
    return _records_of_one.given(id=person_id), _facts_of_one.given(id=person_id)


def person_card(person_id: UUID) -> PersonCard:
    """Return what a page or letter needs to know of a person.

    Raises:
        NotFound: There is no such person.
    """
    found = cards([person_id])
    if person_id not in found:
        raise NotFound
    return found[person_id]


def has_account(person_id: UUID) -> bool:
    """Whether a person can sign in, and so open a digital mailbox."""
    return Person.objects.filter(pk=person_id, account__isnull=False).exists()


def names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of several persons by the id asked for, in one query; unknown ids are left out."""
    return {asked: person.name for asked, person in _records(person_ids).standing.items()}


def cards(person_ids: Iterable[UUID]) -> dict[UUID, PersonCard]:
    """Return the cards of several persons by the id asked for, in two queries; unknown ids are left out."""
    records = _records(person_ids)
    facts = _facts(records, keys=("birth_date", "address"))
    return {asked: _card(person, facts[asked]) for asked, person in records.standing.items()}


def _card(person: Person, facts: dict[str, KnownFact]) -> PersonCard:
    born, address = facts.get("birth_date"), facts.get("address")
    return PersonCard(
        id=person.pk,
        name=person.name,
        birth_date=_date(born.value) if born else None,
        email=person.email,
        address=address_lines(address.value) if address else (),
        language=person.language,
    )


def _date(value: Json) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def address_lines(value: Json) -> tuple[str, ...]:
    """Return an address as the lines of an envelope.

    Args:
        value: The fact ``address``: an object with ``street`` (with the number), ``unit``, ``city``, ``region`` and
            ``postcode``, each optional; or one text, its lines divided by line breaks or commas.
    """
    if isinstance(value, str):
        lines = [line.strip() for line in value.replace("\n", ",").split(",")]
    elif isinstance(value, Mapping):
        part = {key: str(text).strip() for key, text in value.items() if isinstance(text, (str, int))}
        town = " ".join(filter(None, (part.get("region"), part.get("postcode"))))
        lines = [
            ", ".join(filter(None, (part.get("street"), part.get("unit")))),
            ", ".join(filter(None, (part.get("city"), town))),
        ]
    else:
        lines = []
    return tuple(line for line in lines if line)


@dataclass(frozen=True)
class _Records:
    """The records of several persons.

    Attributes:
        standing: The record that stands for a person, by the id asked for.
        stands: The id of the standing record, by the id of each record of the persons.
    """

    standing: dict[UUID, Person]
    stands: dict[UUID, UUID]


def _records(person_ids: Iterable[UUID]) -> _Records:
    """Find every record of these persons in one query; in two where a record was merged into another."""
    asked = list(dict.fromkeys(person_ids))
    if not asked:
        return _Records({}, {})
    known = _with_merged(asked)
    elsewhere = {known[one].merged_into_id for one in asked if one in known} - known.keys() - {None}
    if elsewhere:
        known |= _with_merged([one for one in elsewhere if one is not None])
    standing = {one: known[known[one].merged_into_id or one] for one in asked if one in known}
    return _Records(standing, {person.pk: person.merged_into_id or person.pk for person in known.values()})


def _with_merged(person_ids: list[UUID]) -> dict[UUID, Person]:
    """Return these records and those merged into them; two indexes are walked, however many persons there are."""
    if len(person_ids) == 1:
        found = _records_of_one.all(id=person_ids[0])
    else:
        whole = Person.objects.filter(Q(pk__in=person_ids) | Q(merged_into__in=person_ids))
        found = list(whole.order_by())
    return {person.pk: person for person in found}


def _facts(records: _Records, keys: Iterable[str] | None = None) -> dict[UUID, dict[str, KnownFact]]:
    """Return the latest facts by the id asked for, from all records of each person."""
    known: dict[UUID, dict[str, KnownFact]] = {asked: {} for asked in records.standing}
    if not known:
        return known
    asked_of: dict[UUID, list[UUID]] = {}
    for asked, person in records.standing.items():
        asked_of.setdefault(person.pk, []).append(asked)
    for fact in _standing_facts(list(records.stands), keys):
        for asked in asked_of[records.stands[fact.person_id]]:
            known[asked][fact.key] = KnownFact(fact.value, fact.source, fact.legal_basis, fact.observed_at)
    return known


def _standing_facts(record_ids: list[UUID], keys: Iterable[str] | None) -> list[Fact]:
    """Return what is held on these records and not withdrawn, the latest last; of one record, under every key."""
    if len(record_ids) == 1:
        return _facts_of_one.all(id=record_ids[0])
    rows = Fact.objects.filter(person__in=record_ids, withdrawn_at=None).order_by("observed_at", "id")
    return list(rows if keys is None else rows.filter(key__in=list(keys)))


def facts_held(person_id: UUID) -> QuerySet[Fact]:
    """Return every fact held about a person and not withdrawn, the latest of each key first.

    Raises:
        NotFound: There is no such person.
    """
    return Fact.objects.filter(person__in=record_ids(person_id), withdrawn_at=None).order_by(
        "key", "-observed_at", "-id"
    )


def merges_of(person_id: UUID) -> QuerySet[Merge]:
    """Return the standing merges of a person's records, the latest first.

    Raises:
        NotFound: There is no such person.
    """
    return Merge.objects.filter(merged__in=record_ids(person_id), parted_at=None).order_by("-merged_at", "id")


def officer(officer_id: UUID, *, actor: Actor) -> Officer:
    """Return an officer.

    Raises:
        NotFound: There is none, or the actor may not know that there is.
    """
    found = visible_officers(Officer.objects.filter(pk=officer_id), actor).order_by().first()
    if found is None:
        raise NotFound
    return found


def officers(*, actor: Actor, after: UUID | None = None) -> QuerySet[Officer]:
    """Return the officers whom the actor may see, by name; those behind ``after`` where it is given.

    Raises:
        NotFound: The actor sees no officer ``after``.
    """
    found = visible_officers(Officer.objects.filter(is_active=True), actor).order_by("name", "id")
    if after is None:
        return found
    last = officer(after, actor=actor)
    return found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))


def officer_names(officer_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of officers by id; unknown ids are left out."""
    rows = Officer.objects.filter(pk__in=list(officer_ids)).order_by("pk")
    return dict(rows.values_list("pk", "name"))


def teams(*, actor: Actor) -> QuerySet[Team]:
    """Return the active teams which the actor may see, by name."""
    return visible_teams(Team.objects.filter(is_active=True), actor).order_by("name", "id")


def team(key: str) -> Team:
    """Return a team by its key.

    Raises:
        NotFound: There is none.
    """
    found = _team.one(key=key)
    if found is None:
        raise NotFound
    return found


def team_asked(key: str) -> Question:
    """Return what :func:`team` asks, to be asked together with others."""
    return _team.given(key=key)


def team_keys_of(officer_id: UUID) -> list[str]:
    """Return the keys of an officer's active teams."""
    rows = Team.objects.filter(memberships__officer=officer_id, is_active=True).order_by("key")
    return list(rows.values_list("key", flat=True))


def members_of(team_id: UUID) -> QuerySet[Officer]:
    """Return the active officers of a team, by name."""
    return Officer.objects.filter(memberships__team=team_id, is_active=True).order_by("name", "id")


def is_member(officer_id: UUID, team_id: UUID) -> bool:
    """Whether an active officer belongs to a team."""
    return members_of(team_id).filter(pk=officer_id).exists()


def grants_of(officer_id: UUID, *, actor: Actor) -> QuerySet[Grant]:
    """Return an officer's grants which the actor may see, past ones too, the latest first."""
    return visible_grants(Grant.objects.filter(officer=officer_id), actor).order_by("-from_on", "id")


def organisation(scheme: str, number: str) -> Organisation | None:
    """Return the organisation with this number in a register, or None."""
    return Organisation.objects.filter(scheme=scheme, number=number).order_by("id").first()


def tokens(*, actor: Actor, at: datetime) -> QuerySet[ApiToken]:
    """Return the actor's own tokens for programs that are valid, the newest first."""
    standing = ApiToken.objects.filter(revoked_at=None, expires_at__gt=at)
    return visible_tokens(standing, actor).order_by("-created_at", "-id")


def token_hash(secret: str) -> str:
    """Return under what a token is kept; 256 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()


def signed_in_by(secret: str, *, at: datetime) -> SignedIn | None:
    """Return whom a token for programs stands for; None where it is unknown, expired or revoked, or its owner is nobody.

    One query beside the officer's grants, as for a session.
    """
    token = (
        ApiToken.objects.select_related("account__person", "account__officer")
        .filter(token_hash=token_hash(secret), revoked_at=None, expires_at__gt=at)
        .order_by()
        .first()
    )
    if token is None:
        return None
    actor = actor_of(token.account, face=Face(token.face))
    return SignedIn(actor, token.scope == Scope.WRITE) if actor.kind.value == token.face else None


def identifier_index(value: str) -> str:
    """Return the blind index under which an identifier is stored."""
    return blind_index(normal_form(value), context="people_identifier.value")


_FACT_LABELS = {
    "birth_date": _("Date of birth"),
    "address": _("Address"),
    "household": _("People in your household"),
    "dwelling_id": _("Number of your dwelling in the register"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "name": _("Name"),
    "relation": _("Relation"),
    "street": _("Street and number"),
    "unit": _("Apartment"),
    "city": _("Town"),
    "region": _("State or region"),
    "postcode": _("Postcode"),
}
_RELATIONS = {
    "self": _("the person themselves"),
    "spouse": _("husband or wife"),
    "partner": _("partner"),
    "child": _("child"),
    "parent": _("father or mother"),
    "sibling": _("brother or sister"),
    "other": _("somebody else"),
}


def fact_label(key: str) -> str:
    """Return the name of a fact as people read it."""
    return str(_FACT_LABELS.get(key, key.replace("_", " ").capitalize()))


def _member(one: Json) -> str:
    """Return somebody of a household on one line: name, relation, day of birth."""
    if not isinstance(one, Mapping):
        return str(one)
    name = [isolated(str(one["name"]))] if one.get("name") else []
    known = [*name, *(fact_lines("relation", one["relation"]) if one.get("relation") else ())]
    day = _date(one.get("birth_date"))
    born = [str(_("born on %(day)s")) % {"day": long_date(day)}] if day is not None else []
    return ", ".join([*known, *born])


def fact_lines(key: str, value: Json) -> tuple[str, ...]:
    """Return the value of a fact as lines that people read."""
    if key == "address":
        return address_lines(value)
    if key == "household" and isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(_member, value))
    if isinstance(value, Mapping):
        return tuple(
            f"{fact_label(part)}: {' '.join(fact_lines(part, inner))}" for part, inner in value.items()
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple("; ".join(fact_lines("", inner)) for inner in value)
    return (_one_value(key, value),)


def _one_value(key: str, value: Json) -> str:
    if key == "relation" and value in _RELATIONS:
        return str(_RELATIONS[value])
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    day = _date(value)
    return str(value) if day is None else long_date(day)
