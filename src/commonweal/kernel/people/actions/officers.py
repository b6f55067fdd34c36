"""Everything that changes officers, teams and grants."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from commonweal.kernel.base.errors import Invalid, NotFound
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.base.transactions import action
from commonweal.kernel.base.types import Actor
from commonweal.kernel.ledger.actions import record, record_many
from commonweal.kernel.ledger.types import Entry, Value
from commonweal.kernel.people import rules
from commonweal.kernel.people.actions.accounts import forget_authority, locked_account
from commonweal.kernel.people.errors import (
    UnknownAgency,
    UnknownRole,
    WrongTerm,
)
from commonweal.kernel.people.models import (
    Grant,
    Membership,
    Officer,
    Team,
)
from commonweal.kernel.people.registry import capabilities, roles
from commonweal.kernel.people.rules import must


@action
def appoint_officer(
    name: str, *, agency: str, by: Actor, at: datetime, account_id: UUID | None = None, title: str = ""
) -> Officer:
    """Take up somebody who works for an agency; an account that belongs to an officer already keeps that one.

    Raises:
        UnknownAgency: The jurisdiction declares no such agency.
        Forbidden: The actor may not grant in this agency.
        NotFound: There is no such account.
    """
    _check_agency(agency, by)
    if account_id is not None:
        account = locked_account(account_id)
        known = Officer.objects.filter(account=account).order_by().first()
        if known is not None:
            return known
    officer = Officer.objects.create(
        name=readable(name), agency=agency, account_id=account_id, title=title, created_at=at
    )
    record(
        "people.officer_appointed",
        stream=f"officer:{officer.pk}",
        subject=officer.pk,
        by=by,
        at=at,
        name=officer.name,
        agency=agency,
        title=title,
        account=account_id,
    )
    return officer


def _check_agency(agency: str, by: Actor) -> None:
    if agency not in {declared.key for declared in current().agencies}:
        raise UnknownAgency(agency=agency)
    must(rules.may_in(by, rules.GRANT, agency))


@action
def dismiss_officer(officer_id: UUID, *, by: Actor, at: datetime) -> Officer:
    """End an officer's service: no grant and no team counts from now on. Doing it again changes nothing.

    Raises:
        NotFound: There is no such officer.
        Forbidden: The actor may not grant in the officer's agency.
    """
    officer = _locked_officer(officer_id)
    must(rules.may_in(by, rules.GRANT, officer.agency))
    if officer.is_active:
        officer.is_active = False
        officer.save(update_fields=["is_active"])
        forget_authority(Q(officer=officer))
        record("people.officer_dismissed", stream=f"officer:{officer.pk}", subject=officer.pk, by=by, at=at)
    return officer


def _locked_officer(officer_id: UUID) -> Officer:
    officer = Officer.objects.select_for_update().filter(pk=officer_id).order_by().first()
    if officer is None:
        raise NotFound
    return officer


@action
def sync_teams(*, by: Actor, at: datetime) -> list[Team]:
    """Make the teams be those that ``jurisdiction.yaml`` declares; others are put to rest, not deleted.

    Returns:
        The declared teams, in the order of the file.
    """
    known = {team.key: team for team in Team.objects.select_for_update().order_by("key")}
    declared = {team.key: (team.name, team.agency, True) for team in current().teams}
    wanted = {key: (team.name, team.agency, False) for key, team in known.items()} | declared
    entries = []
    for key, values in wanted.items():
        team = known.get(key) or Team(key=key)
        if (team.name, team.agency, team.is_active) == values and key in known:
            continue
        team.name, team.agency, team.is_active = values
        team.save()
        known[key] = team
        forget_authority(Q(officer__memberships__team=team))
        payload: dict[str, Value] = {"name": team.name, "agency": team.agency, "is_active": team.is_active}
        entries.append(Entry(f"team:{key}", None, payload))
    record_many("people.team_synced", entries, by=by, at=at)
    return [known[key] for key in declared]


@action
def join_team(officer_id: UUID, team_key: str, *, by: Actor, at: datetime) -> Membership:
    """Let an officer work on a team's queue. Doing it again changes nothing.

    Raises:
        NotFound: There is no such officer or team, or the team is another agency's.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
    """
    officer = _locked_officer(officer_id)
    must(rules.may_grant_to(by, officer))
    team = Team.objects.filter(key=team_key, agency=officer.agency).order_by().first()
    if team is None:
        raise NotFound
    membership, is_new = Membership.objects.get_or_create(
        team=team, officer=officer, defaults={"created_at": at}
    )
    if is_new:
        forget_authority(Q(officer=officer))
        stream = f"officer:{officer.pk}"
        record("people.team_joined", stream=stream, subject=officer.pk, by=by, at=at, team=team_key)
    return membership


@action
def leave_team(officer_id: UUID, team_key: str, *, by: Actor, at: datetime) -> None:
    """Take an officer off a team's queue. Doing it again changes nothing.

    Raises:
        NotFound: There is no such officer.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
    """
    officer = _locked_officer(officer_id)
    must(rules.may_grant_to(by, officer))
    gone, _each = Membership.objects.filter(team__key=team_key, officer=officer).delete()
    if gone:
        forget_authority(Q(officer=officer))
        stream = f"officer:{officer.pk}"
        record("people.team_left", stream=stream, subject=officer.pk, by=by, at=at, team=team_key)


@action
def set_teams(officer_id: UUID, team_keys: Collection[str], *, by: Actor, at: datetime) -> None:
    """Let an officer work on the queues of exactly these teams: all of it happens, or nothing.

    Args:
        officer_id: Whose teams; the row is locked, so that two who do this at once do it one after the other.
        team_keys: Of teams in use, of the officer's agency. Teams at rest are left as they are.
        by: Who decided so.
        at: When, with a time zone.

    Raises:
        NotFound: There is no such officer.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
        Invalid: One of the teams is at rest, or another agency's.
    """
    officer = _locked_officer(officer_id)
    must(rules.may_grant_to(by, officer))
    known = set(Team.objects.filter(agency=officer.agency, is_active=True).values_list("key", flat=True))
    mine = set(Membership.objects.filter(officer=officer).values_list("team__key", flat=True))
    wanted = set(team_keys)
    if wanted - known:
        raise Invalid({"teams": _("Choose from the teams of your agency.")})
    for key in sorted(wanted - mine):
        join_team(officer_id, key, by=by, at=at)
    for key in sorted((mine - wanted) & known):
        leave_team(officer_id, key, by=by, at=at)


@action
def grant_role(
    officer_id: UUID, role: str, *, from_on: date, by: Actor, at: datetime, until_on: date | None = None
) -> Grant:
    """Give an officer a role in the officer's agency; one that stands with the same term is returned as it is.

    Raises:
        NotFound: There is no such officer.
        UnknownRole: Nobody declares the role.
        WrongTerm: It would end before it begins.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
    """
    if role not in roles:
        raise UnknownRole(key=role)
    return _grant(officer_id, role, "", from_on=from_on, until_on=until_on, by=by, at=at)


@action
def grant_capability(
    officer_id: UUID, capability: str, *, from_on: date, by: Actor, at: datetime, until_on: date | None = None
) -> Grant:
    """Give an officer one capability in the officer's agency, likewise.

    Raises:
        NotFound: There is no such officer.
        UnknownRole: Nobody declares the capability.
        WrongTerm: It would end before it begins.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
    """
    if capability not in capabilities:
        raise UnknownRole(key=capability)
    return _grant(officer_id, "", capability, from_on=from_on, until_on=until_on, by=by, at=at)


def _grant(
    officer_id: UUID,
    role: str,
    capability: str,
    *,
    from_on: date,
    until_on: date | None,
    by: Actor,
    at: datetime,
) -> Grant:
    officer = _locked_officer(officer_id)
    must(rules.may_grant_to(by, officer))
    if until_on is not None and until_on < from_on:
        raise WrongTerm
    standing = (
        Grant.objects.filter(
            officer=officer, role=role, capability=capability, agency=officer.agency, revoked_at=None
        )
        .order_by()
        .first()
    )
    if standing is not None:
        if (standing.from_on, standing.until_on) == (from_on, until_on):
            return standing
        _revoke(standing, by=by, at=at)
    grant = Grant.objects.create(
        officer=officer,
        role=role,
        capability=capability,
        agency=officer.agency,
        from_on=from_on,
        until_on=until_on,
        granted_by=f"{by.kind}:{by.id}",
        granted_at=at,
    )
    forget_authority(Q(officer=officer))
    record(
        "people.granted",
        stream=f"officer:{officer.pk}",
        subject=officer.pk,
        by=by,
        at=at,
        grant=grant.pk,
        role=role,
        capability=capability,
        agency=officer.agency,
        from_on=from_on,
        until_on=until_on,
    )
    return grant


@action
def revoke_grant(grant_id: UUID, *, by: Actor, at: datetime) -> Grant:
    """Take a grant back; it counts no longer, from now on. Doing it again changes nothing.

    Raises:
        NotFound: There is no such grant.
        Forbidden: The actor may not grant in the agency, or it is the actor's own.
    """
    grant = Grant.objects.select_for_update().filter(pk=grant_id).order_by().first()
    if grant is None:
        raise NotFound
    must(rules.may_grant_to(by, _locked_officer(grant.officer_id)))
    if grant.revoked_at is None:
        _revoke(grant, by=by, at=at)
    return grant


def _revoke(grant: Grant, *, by: Actor, at: datetime) -> None:
    grant.revoked_at = at
    grant.save(update_fields=["revoked_at"])
    forget_authority(Q(officer=grant.officer_id))
    stream = f"officer:{grant.officer_id}"
    record("people.grant_revoked", stream=stream, subject=grant.officer_id, by=by, at=at, grant=grant.pk)
