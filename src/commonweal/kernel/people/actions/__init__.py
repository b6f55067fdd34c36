"""Everything that changes accounts, persons, officers and teams."""

from __future__ import annotations

from commonweal.kernel.people.actions.accounts import create_account, reinstate_account, suspend_account
from commonweal.kernel.people.actions.demo import DemoIdentity, create_demo_identities
from commonweal.kernel.people.actions.erasing import blank_persons, close_accounts
from commonweal.kernel.people.actions.officers import (
    appoint_officer,
    dismiss_officer,
    grant_capability,
    grant_role,
    join_team,
    leave_team,
    revoke_grant,
    set_teams,
    sync_teams,
)
from commonweal.kernel.people.actions.opening import open_account
from commonweal.kernel.people.actions.persons import (
    add_identifier,
    change_person,
    merge_persons,
    part_persons,
    record_facts,
    register_organisation,
    register_person,
    withdraw_fact,
)
from commonweal.kernel.people.actions.sweeping import sweep_sessions
from commonweal.kernel.people.actions.tokens import make_token, revoke_token, revoke_tokens

__all__ = [
    "DemoIdentity",
    "add_identifier",
    "appoint_officer",
    "blank_persons",
    "change_person",
    "close_accounts",
    "create_account",
    "create_demo_identities",
    "dismiss_officer",
    "grant_capability",
    "grant_role",
    "join_team",
    "leave_team",
    "make_token",
    "merge_persons",
    "open_account",
    "part_persons",
    "record_facts",
    "register_organisation",
    "register_person",
    "reinstate_account",
    "revoke_grant",
    "revoke_token",
    "revoke_tokens",
    "set_teams",
    "suspend_account",
    "sweep_sessions",
    "sync_teams",
    "withdraw_fact",
]
