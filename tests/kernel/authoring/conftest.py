from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from tests.factories.people import AT, make_officer, make_team

from commonweal.kernel.authoring import actions
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.starting import new_service
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_files
from commonweal.kernel.people.models import Officer
from commonweal.kernel.people.queries import actor_of

KEY = "library-card"


@dataclass
class Office:
    """Two officers who write and publish services, one who only publishes, one of another agency; a small service."""

    author: Actor
    other: Actor
    operator: Actor
    stranger: Actor
    officers: dict[str, Officer]

    def draft(self) -> Draft:
        return actions.begin_draft(KEY, by=self.author, at=AT)

    def save(self, draft: Draft, name: str, text: str, *, by: Actor | None = None) -> Draft:
        from commonweal.kernel.authoring.queries import fingerprint

        present = Draft.objects.get(pk=draft.pk).files.get(name)
        return actions.save_file(draft.pk, name, text, seen=fingerprint(present), by=by or self.author, at=AT)

    def proposed(self) -> Draft:
        draft = self.draft()
        saved = self.save(
            draft, "form.yaml", draft.files["form.yaml"].replace("E-mail address", "Your e-mail")
        )
        return actions.propose(
            saved.pk, note="Shorter words.", revision=saved.revision, by=self.author, at=AT
        )


def small_service() -> dict[str, str]:
    return new_service(
        key=KEY,
        name="Library card",
        summary="Borrow books in every branch.",
        agency="human-services",
        language="en",
        team="food-assistance",
    )


@pytest.fixture
def office(db: None) -> Office:
    publish_files(KEY, small_service(), by=Actor.system("tests"), at=AT)
    make_team(key="food-assistance")
    designer = partial(make_officer, roles=("service-designer",))
    officers = {
        "author": designer(),
        "other": designer(),
        "operator": make_officer(roles=("operator",)),
        "stranger": designer(agency="transportation"),
    }
    return Office(**{name: actor_of(one.account) for name, one in officers.items()}, officers=officers)
