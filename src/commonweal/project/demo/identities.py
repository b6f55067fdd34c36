"""Those as whom a visitor signs in; everybody may read the password. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "practice-city"  # noqa: S105 - the practice city's, printed on purpose
"""Of every account of the practice city."""


@dataclass(frozen=True)
class NamedOfficer:
    """An officer of the practice city.

    Attributes:
        email: To sign in with.
        name: As colleagues read it.
        title: What the officer does.
        agency: Key of the agency.
        roles: Keys of roles.
        teams: Keys of teams.
    """

    email: str
    name: str
    title: str
    agency: str
    roles: tuple[str, ...]
    teams: tuple[str, ...] = ()


def _officer(name: str, title: str, agency: str, role: str, *teams: str) -> NamedOfficer:
    email = f"{name.split(maxsplit=1)[0].lower()}@port-alder.example"
    return NamedOfficer(email, name, title, agency, (role,), teams)


OFFICERS = (
    _officer("Grace Whitfield", "Supervisor", "human-services", "supervisor", "food-assistance"),
    _officer("Daniel Okafor", "Caseworker", "human-services", "caseworker", "food-assistance"),
    _officer("Mei Tanaka", "Caseworker", "human-services", "caseworker", "food-assistance"),
    _officer("Rosa Delgado", "Caseworker", "human-services", "caseworker", "food-assistance"),
    _officer("Henrik Lund", "Supervisor", "transportation", "supervisor", "parking"),
    _officer("Priya Raman", "Caseworker", "transportation", "caseworker", "parking"),
    _officer("Samuel Brooks", "Caseworker", "transportation", "caseworker", "parking"),
    _officer("Layla Aziz", "Caseworker", "transportation", "caseworker", "parking"),
    _officer("Ruth Kowalczyk", "Supervisor", "finance", "supervisor", "tax-returns", "licensing-board"),
    _officer("Omar Benali", "Caseworker", "finance", "caseworker", "tax-returns"),
    _officer("Ingrid Solberg", "Caseworker", "finance", "caseworker", "licences"),
    _officer("Kwame Boateng", "Caseworker", "finance", "caseworker", "property-tax"),
    _officer("Elena Petrova", "Caseworker", "transportation", "caseworker", "driver-licences"),
    _officer("Hassan Idrissi", "Caseworker", "planning", "caseworker", "building-permits"),
    _officer("Yuki Watanabe", "Supervisor", "schools", "supervisor", "enrolment"),
    _officer("Martha Lindgren", "Caseworker", "schools", "caseworker", "enrolment"),
    _officer("Paul Adeyemi", "Supervisor", "human-services", "supervisor", "housing-repair"),
    _officer("Clara Novak", "Caseworker", "human-services", "caseworker", "housing-repair"),
    _officer("Tomasz Zielinski", "Operator", "human-services", "operator"),
    _officer("Judith Stone", "Auditor", "human-services", "auditor"),
    _officer("Amara Nwosu", "Registrar", "human-services", "caseworker", "resident-records"),
    _officer("Lucia Moreno", "Counter clerk", "human-services", "counter"),
    _officer("Felix Arnold", "Service designer", "human-services", "service-designer"),
    _officer("Naomi Adler", "Policy analyst", "human-services", "policy-analyst"),
)

TOUR_RESIDENT = "ana.flores@example.org"
TOUR_OFFICER = "priya@port-alder.example"
"""The two whom the tour takes."""
