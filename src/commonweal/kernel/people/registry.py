"""Plug-in points of the people app: what may be granted, and under which names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.registry import Registry
from commonweal.kernel.base.types import Actor


@dataclass(frozen=True)
class Role:
    """A named set of capabilities.

    Attributes:
        key: Permanent name; stored with grants.
        label: As people read it.
    """

    key: str
    label: str | Promise


@dataclass(frozen=True)
class Capability:
    """Something that an officer may be allowed to do.

    Attributes:
        key: Permanent name, ``app.verb``; stored with grants and asked for by :func:`base.rules.may`.
        label: What it lets the officer do, as people read it.
        roles: Keys of the roles that hold it.
    """

    key: str
    label: str | Promise
    roles: tuple[str, ...]


@dataclass(frozen=True)
class StandIn:
    """Lets somebody who has signed in act for somebody else, on some pages.

    Attributes:
        key: Permanent name.
        act: Takes the path of a request and its actor; returns the actor, with whom they act for where they may.
    """

    key: str
    act: Callable[[str, Actor], Actor]


stand_ins: Registry[StandIn] = Registry("people.stand_in")
roles: Registry[Role] = Registry("people.role")
capabilities: Registry[Capability] = Registry("people.capability")

CASEWORKER = "caseworker"
SUPERVISOR = "supervisor"
OPERATOR = "operator"
SERVICE_DESIGNER = "service-designer"
AUDITOR = "auditor"
COUNTER = "counter"

for _role in (
    Role(CASEWORKER, _("Caseworker")),
    Role(SUPERVISOR, _("Supervisor")),
    Role(OPERATOR, _("Operator")),
    Role(SERVICE_DESIGNER, _("Service designer")),
    Role(AUDITOR, _("Auditor")),
    Role(COUNTER, _("Counter and phone")),
):
    roles.register(_role)

for _capability in (
    Capability("people.search", _("Find a person"), (CASEWORKER, SUPERVISOR, COUNTER)),
    Capability("people.merge", _("Merge two records of one person"), (SUPERVISOR,)),
    Capability("people.grant", _("Grant roles to officers"), (OPERATOR,)),
    Capability("people.suspend", _("Suspend an account"), (OPERATOR,)),
    Capability("jobs.operate", _("Look after jobs that failed"), (OPERATOR,)),
):
    capabilities.register(_capability)


def capabilities_of(role: str) -> frozenset[str]:
    """Return the keys of the capabilities that a role holds; none for a role that is no longer there."""
    return frozenset(capability.key for capability in capabilities if role in capability.roles)
