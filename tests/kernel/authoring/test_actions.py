from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from tests.factories.people import AT
from tests.kernel.authoring.conftest import KEY, Office, small_service

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.archives import write_zip
from commonweal.kernel.authoring.enums import Stage
from commonweal.kernel.authoring.errors import (
    ArchiveRefused,
    DraftClosed,
    DraftMoved,
    DraftNotFound,
    DraftOutdated,
    NothingChanged,
    NotProposed,
    OwnProposal,
    TextRefused,
)
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.catalogue.actions import publish_files
from commonweal.kernel.catalogue.errors import BrokenDeclaration, ServiceNotFound, VersionOutdated
from commonweal.kernel.catalogue.models import ServiceVersion
from commonweal.kernel.ledger.queries import events_of

STREAM = f"service:{KEY}"


def told() -> list[str]:
    return [event.type for event in events_of(STREAM)]


def test_a_draft_becomes_a_version_when_another_officer_approves(office: Office) -> None:
    draft = office.proposed()

    done = actions.approve(draft.pk, revision=draft.revision, by=office.other, at=AT)

    live = catalogue.live_version(KEY)
    assert (done.stage, done.version_id, live.number) == (Stage.PUBLISHED, live.pk, 2)
    assert ServiceVersion.objects.get(pk=live.pk).files == draft.files
    assert catalogue.compiled(live.pk).sections["form"].pages[0].questions[0].spec.label == "Your e-mail"
    assert told()[-5:] == [
        "authoring.begun",
        "authoring.changed",
        "authoring.proposed",
        "catalogue.published",
        "authoring.approved",
    ]
    published, approved = (event.payload for event in events_of(STREAM)[-2:])
    assert approved["proposed_by"] == office.author.id
    assert published["changes"] == [
        "form.yaml: pages > reach > questions > email > label changes from 'E-mail address' to 'Your e-mail'"
    ]
    assert actions.approve(draft.pk, revision=draft.revision, by=office.other, at=AT).pk == done.pk
    assert catalogue.live_version(KEY).number == 2


def test_nobody_approves_what_they_wrote_or_proposed(office: Office) -> None:
    draft = office.draft()
    office.save(draft, "form.yaml", draft.files["form.yaml"] + "# by the author\n")
    saved = office.save(
        draft, "letters/answer.md", draft.files["letters/answer.md"] + "Bye.\n", by=office.other
    )
    ready = actions.propose(draft.pk, note="Words.", revision=saved.revision, by=office.author, at=AT)

    for officer in (office.author, office.other):
        with pytest.raises(OwnProposal):
            actions.approve(ready.pk, revision=ready.revision, by=officer, at=AT)
    assert catalogue.live_version(KEY).number == 1
    actions.approve(ready.pk, revision=ready.revision, by=office.operator, at=AT)
    assert catalogue.live_version(KEY).number == 2


def test_the_database_itself_holds_the_four_eyes(office: Office) -> None:
    draft = office.proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(approved_by=office.author.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(stage=Stage.PUBLISHED)


def test_a_proposal_cannot_be_changed_under_the_eyes_of_who_approves(office: Office) -> None:
    draft = office.proposed()
    with pytest.raises(DraftClosed):
        office.save(draft, "form.yaml", "pages: []\n")

    again = actions.take_back(draft.pk, by=office.author, at=AT)
    office.save(again, "form.yaml", again.files["form.yaml"] + "# more\n")
    newer = actions.propose(again.pk, note="More.", revision=again.revision + 1, by=office.author, at=AT)
    with pytest.raises(Conflict):
        actions.approve(newer.pk, revision=draft.revision, by=office.other, at=AT)
    assert (
        actions.propose(newer.pk, note="Twice.", revision=newer.revision, by=office.author, at=AT).note
        == "More."
    )


def test_a_proposal_is_sent_back_with_the_reason(office: Office) -> None:
    draft = office.proposed()
    with pytest.raises(Invalid):
        actions.send_back(draft.pk, note=" ", by=office.other, at=AT)
    back = actions.send_back(draft.pk, note="The label is too short.", by=office.other, at=AT)
    assert (back.stage, back.note, back.proposed_by) == (Stage.OPEN, "The label is too short.", "")
    with pytest.raises(NotProposed):
        actions.approve(draft.pk, revision=draft.revision, by=office.other, at=AT)
    assert actions.take_back(draft.pk, by=office.author, at=AT).stage == Stage.OPEN
    assert told()[-1] == "authoring.sent_back"


def test_a_draft_with_mistakes_is_kept_but_not_proposed(office: Office) -> None:
    draft = office.draft()
    saved = office.save(draft, "service.yaml", draft.files["service.yaml"].replace("human-services", "human"))
    with pytest.raises(BrokenDeclaration) as refused:
        actions.propose(saved.pk, note="x", revision=saved.revision, by=office.author, at=AT)
    assert [problem.code for problem in refused.value.problems] == ["service.agency"]
    assert "human-services" in catalogue.live_version(KEY).files["service.yaml"]

    torn = office.save(saved, "form.yaml", "pages: [")
    assert torn.files["form.yaml"] == "pages: ["


def test_a_service_cannot_be_handed_to_another_agency(office: Office) -> None:
    draft = office.draft()
    theirs = draft.files["service.yaml"].replace("human-services", "finance")
    saved = office.save(draft, "service.yaml", re.sub(r"team: [\w-]+", "team: licences", theirs))
    with pytest.raises(Invalid):
        actions.propose(saved.pk, note="x", revision=saved.revision, by=office.author, at=AT)


def test_a_change_by_somebody_else_is_never_overwritten(office: Office) -> None:
    draft = office.draft()
    seen = queries.fingerprint(draft.files["form.yaml"])
    actions.save_file(draft.pk, "form.yaml", "pages: [] # theirs\n", seen=seen, by=office.other, at=AT)

    with pytest.raises(DraftMoved) as moved:
        actions.save_file(draft.pk, "form.yaml", "pages: [] # mine\n", seen=seen, by=office.author, at=AT)
    assert moved.value.theirs == "pages: [] # theirs\n"
    with pytest.raises(DraftMoved):
        actions.remove_file(draft.pk, "form.yaml", seen=seen, by=office.author, at=AT)
    with pytest.raises(DraftMoved):
        actions.rewrite(draft.pk, "form.yaml", str.upper, seen=seen, by=office.author, at=AT)
    assert Draft.objects.get(pk=draft.pk).files["form.yaml"] == "pages: [] # theirs\n"

    # another file is nobody's business
    office.save(draft, "letters/answer.md", "---\nsubject: x\n---\nHello.\n")
    # and the same text twice is no change
    twice = actions.save_file(draft.pk, "form.yaml", "pages: [] # theirs\n", seen="", by=office.author, at=AT)
    assert twice.revision == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("../../etc/passwd.yaml", "x"),
        ("/etc/x.yaml", "x"),
        ("letters/.hidden.md", "x"),
        ("run.py", "x"),
        ("a b.md", "x"),
        ("letters/x.md", "bell \x07"),
        ("letters/x.md", "x" * 2_000_001),
        ("one/two/three/four/five/six.md", "x"),
    ],
)
def test_what_is_no_text_of_a_service_is_refused(office: Office, name: str, text: str) -> None:
    draft = office.draft()
    with pytest.raises(TextRefused):
        actions.save_file(draft.pk, name, text, seen="", by=office.author, at=AT)
    assert Draft.objects.get(pk=draft.pk).revision == 1


def test_files_are_added_and_removed(office: Office) -> None:
    draft = office.draft()
    added = office.save(draft, "letters/second.md", "---\r\nsubject: x\r\n---\r\nHello.\r\n")
    assert added.files["letters/second.md"] == "---\nsubject: x\n---\nHello.\n"
    seen = queries.fingerprint(added.files["letters/second.md"])
    gone = actions.remove_file(draft.pk, "letters/second.md", seen=seen, by=office.author, at=AT)
    assert "letters/second.md" not in gone.files
    assert actions.remove_file(draft.pk, "letters/second.md", seen="", by=office.author, at=AT).revision == 3
    with pytest.raises(Invalid):
        actions.remove_file(draft.pk, "service.yaml", seen="", by=office.author, at=AT)


def test_begin_gives_the_draft_under_way(office: Office) -> None:
    first = office.draft()
    assert actions.begin_draft(KEY, by=office.other, at=AT).pk == first.pk
    actions.discard(first.pk, by=office.author, at=AT)
    assert actions.discard(first.pk, by=office.author, at=AT).stage == Stage.DISCARDED
    assert actions.begin_draft(KEY, by=office.other, at=AT).pk != first.pk
    with pytest.raises(DraftClosed):
        actions.take_back(first.pk, by=office.author, at=AT)


def test_who_may_not_write_or_see_is_refused(office: Office) -> None:
    draft = office.draft()
    with pytest.raises(Forbidden):
        actions.begin_draft(KEY, by=office.operator, at=AT)
    with pytest.raises(ServiceNotFound):
        actions.begin_draft(KEY, by=office.stranger, at=AT)
    with pytest.raises(DraftNotFound):
        actions.discard(draft.pk, by=office.stranger, at=AT)
    with pytest.raises(DraftNotFound):
        queries.draft_for(draft.pk, actor=office.stranger)
    with pytest.raises(Forbidden):
        office.save(draft, "form.yaml", "x", by=office.operator)
    assert queries.drafts_for(office.stranger) == []
    assert queries.drafts_for(Actor.guest()) == []
    assert [one.pk for one in queries.drafts_for(office.operator)] == [draft.pk]


def test_a_draft_that_changes_nothing_is_not_proposed(office: Office) -> None:
    draft = office.draft()
    with pytest.raises(NothingChanged):
        actions.propose(draft.pk, note="x", revision=1, by=office.author, at=AT)
    with pytest.raises(Conflict):
        actions.propose(draft.pk, note="x", revision=7, by=office.author, at=AT)
    with pytest.raises(Invalid):
        actions.propose(draft.pk, note="", revision=1, by=office.author, at=AT)


def test_what_was_published_meanwhile_is_taken_over_file_by_file(office: Office) -> None:
    draft = office.draft()
    base = small_service()
    mine = office.save(draft, "letters/answer.md", base["letters/answer.md"] + "Mine.\n")
    theirs = {
        **base,
        "form.yaml": base["form.yaml"] + "# theirs\n",
        "letters/new.md": base["letters/answer.md"],
    }
    publish_files(KEY, theirs, by=Actor.system("git"), at=AT)

    assert queries.is_outdated(Draft.objects.get(pk=draft.pk))
    with pytest.raises(VersionOutdated):
        actions.propose(draft.pk, note="x", revision=mine.revision, by=office.author, at=AT)
    caught = actions.catch_up(draft.pk, by=office.author, at=AT)
    assert caught.files == {**theirs, "letters/answer.md": base["letters/answer.md"] + "Mine.\n"}
    assert caught.based_on is not None
    assert caught.based_on.number == 2
    assert not queries.is_outdated(caught)
    assert actions.catch_up(draft.pk, by=office.author, at=AT).revision == caught.revision


def test_files_that_both_changed_are_left_to_the_author(office: Office) -> None:
    draft = office.draft()
    base = small_service()
    office.save(draft, "form.yaml", base["form.yaml"] + "# mine\n")
    publish_files(KEY, {**base, "form.yaml": base["form.yaml"] + "# theirs\n"}, by=Actor.system("git"), at=AT)

    with pytest.raises(DraftOutdated) as refused:
        actions.catch_up(draft.pk, by=office.author, at=AT)
    assert refused.value.data == {"files": "form.yaml"}
    merged = actions.catch_up(draft.pk, is_merged=True, by=office.author, at=AT)
    assert merged.files["form.yaml"].endswith("# mine\n")


def test_an_approval_fails_where_another_version_came_in_between(office: Office) -> None:
    draft = office.proposed()
    base = small_service()
    publish_files(KEY, {**base, "form.yaml": base["form.yaml"] + "# theirs\n"}, by=Actor.system("git"), at=AT)
    with pytest.raises(VersionOutdated):
        actions.approve(draft.pk, revision=draft.revision, by=office.other, at=AT)
    assert Draft.objects.get(pk=draft.pk).stage == Stage.PROPOSED


def test_a_new_service_begins_with_one_that_works(office: Office) -> None:
    draft = actions.begin_new(
        "bike-parking",
        name='Parking for "bikes": a place',
        summary="A place to lock it.",
        by=office.author,
        at=AT,
    )
    checked = queries.check(draft.service_key, draft.files)
    assert checked.errors == []
    assert checked.service is not None
    assert checked.service.info.name == 'Parking for "bikes": a place'
    ready = actions.propose(draft.pk, note="New.", revision=1, by=office.author, at=AT)
    actions.approve(ready.pk, revision=1, by=office.operator, at=AT)
    assert catalogue.live_version("bike-parking").number == 1


@pytest.mark.parametrize(
    ("key", "name"), [("Big", "x"), ("library-card", "x"), ("a/b", "x"), ("ok", ""), ("ok", "two\nlines")]
)
def test_a_new_service_needs_a_key_of_its_own_and_a_name(office: Office, key: str, name: str) -> None:
    with pytest.raises(Invalid):
        actions.begin_new(key, name=name, summary="x", by=office.author, at=AT)


def test_a_folder_is_taken_in_as_a_draft(office: Office) -> None:
    files = small_service() | {"form.yaml": small_service()["form.yaml"] + "# from git\n"}
    draft = actions.take_in(write_zip(KEY, files), by=office.author, at=AT)
    assert (draft.files, draft.based_on is not None) == (files, True)
    assert [str(change) for change in queries.changes(draft)] == []  # a comment is no change to people

    again = actions.take_in(write_zip(KEY, small_service()), by=office.other, at=AT)
    assert (again.pk, again.files) == (draft.pk, small_service())
    assert set(again.editors) == {office.author.id, office.other.id}
    with pytest.raises(Invalid):
        actions.take_in(write_zip(KEY, files), by=office.stranger, at=AT)
    assert actions.take_in(queries.archive_of(again), by=office.author, at=AT).files == small_service()


@pytest.mark.parametrize(
    "files",
    [
        {"form.yaml": "x"},
        {"service.yaml": "key: [a]"},
        {"service.yaml": "key: ../x"},
        {"service.yaml": "a: &a [x]\nkey: *a"},
        {"service.yaml": "key: new-one", "run.sh": "rm -rf"},
    ],
)
def test_a_folder_that_is_none_is_not_taken_in(office: Office, files: dict[str, str]) -> None:
    with pytest.raises((ArchiveRefused, Invalid)):
        actions.take_in(write_zip("new-one", files), by=office.author, at=AT)
    assert not Draft.objects.exists()
