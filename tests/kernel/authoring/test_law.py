"""A law's figures are changed in the browser, and count when another officer has approved them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT
from tests.kernel.authoring.conftest import KEY, Office
from tests.kernel.authoring.test_workbench import client_of, path, said

from commonweal.kernel.authoring import actions, figures, queries
from commonweal.kernel.authoring.errors import (
    DraftElsewhere,
    DraftOutdated,
    NothingChanged,
    OwnProposal,
    PlaceNotFound,
    TextRefused,
)
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.errors import Forbidden, Invalid
from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.errors import VersionOutdated
from commonweal.kernel.decisions import actions as laws
from commonweal.kernel.decisions import queries as decisions
from commonweal.kernel.decisions.errors import LawFixed, LawNotFound, LawOutdated, LawRefused
from commonweal.kernel.decisions.models import LawText
from commonweal.kernel.decisions.programmes import published
from commonweal.kernel.ledger.queries import events_of

LAW = "dog-licence"
HOME = root() / "law"
NEW = {
    "at": "",
    "from": "2029-01-01",
    "until": "2029-12-31",
    "known_from": "2026-11-02",
    "v": "24.50",
    "reference": "PAMC 6.08.040",
}


@pytest.fixture
def law(office: Office, settings: Any) -> Office:
    settings.COMMONWEAL_LAW_LOOK_SECONDS = 10
    published.look()
    return office


@pytest.fixture
def client(law: Office) -> Client:
    return client_of(law, "author")


def begun(office: Office) -> Draft:
    return actions.begin_law(LAW, by=office.author, at=AT)


def seen(draft: Draft) -> str:
    return queries.fingerprint(Draft.objects.get(pk=draft.pk).files[figures.FILE])


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in {"+++", "---"}]


def put(office: Office, old: str, new: str, *, by: Actor | None = None) -> Draft:
    draft = begun(office)
    files = Draft.objects.get(pk=draft.pk).files
    assert old in files[figures.FILE]
    text = files[figures.FILE].replace(old, new)
    return actions.save_file(
        draft.pk,
        figures.FILE,
        text,
        seen=queries.fingerprint(files[figures.FILE]),
        by=by or office.author,
        at=AT,
    )


# ---- from the list to decisions -------------------------------------------------------------


def test_an_officer_adds_a_figure_and_it_counts_once_another_has_approved(
    law: Office, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert "Dog licence (PAMC 6.08)" in said(client.get(reverse("authoring:list")))
    begun_page = said(client.post(reverse("authoring:begin-law"), {"law": LAW}, follow=True))
    assert "Draft of the law dog-licence" in begun_page
    assert "Nothing is different." in begun_page
    draft = Draft.objects.get()

    listing = said(client.get(path("figures", draft)))
    assert "Fee for a neutered dog" in listing
    one = path("figure", draft, key="fee_neutered")
    assert "Before: 20" in said(client.get(one))
    overlapping = client.post(one, {**NEW, "from": "2026-01-01", "seen": seen(draft)})
    assert "If this one replaces it, say why" in said(overlapping, 422)
    assert 'value="24.50"' in said(overlapping, 422)

    assert "Saved." in said(client.post(one, {**NEW, "seen": seen(draft)}))
    draft.refresh_from_db()
    assert changed(draft.base[figures.FILE], draft.files[figures.FILE]) == [
        "+      - {from: 2029-01-01, until: 2029-12-31, known_from: 2026-11-02, reference: PAMC 6.08.040, value: 24.5}"
    ]
    shown = said(client.get(path("draft", draft)))
    assert "From January 1, 2029: rises from 20 to 24.5 USD a year." in shown
    everything = said(client.get(path("changes", draft)))
    assert "law.fee_neutered" in everything
    assert "+      - {from: 2029-01-01, until: 2029-12-31" in everything

    data = {"note": "The fee of 2029.", "revision": draft.revision}
    client.post(path("propose", draft), data)
    assert "another officer has to approve it" in said(
        client.post(path("approve", draft), {"revision": draft.revision}), 403
    )
    before = decisions.parameter_on(LAW, "fee_neutered", date(2029, 5, 1))
    assert before.entry is not None
    assert before.entry.value == 20
    with django_capture_on_commit_callbacks(execute=True):
        done = client_of(law, "operator").post(
            path("approve", draft), {"revision": draft.revision}, follow=True
        )
    assert "See the law in force" in said(done)
    after = decisions.parameter_on(LAW, "fee_neutered", date(2029, 5, 1))
    assert after.entry is not None
    assert after.entry.value == Decimal("24.5")
    (entry,) = [one for one in events_of(f"law:{LAW}") if one.type == "decisions.law_published"]
    assert entry.payload["changes"] == ["parameters.yaml: Fee for a neutered dog > 2029-01-01 is new: 24.5"]


def test_messages_come_beside_the_field_while_somebody_types(law: Office, client: Client) -> None:
    draft = begun(law)
    address = path("figure-messages", draft, key="fee_neutered")
    sent = {**NEW, "v": "much", "until": "2028-12-31", "reference": "", "seen": seen(draft)}
    assert client.post(address, sent).json()["fields"] == {
        "v": "'much' is not a number.",
        "until": "The entry ends before it begins.",
        "reference": "The reference is missing. Name the article of law, or the document that published the figure.",
    }
    assert client.post(address, {**NEW, "seen": seen(draft)}).json() == {"fields": {}}


def test_what_is_missing_is_said_in_the_words_of_the_form(law: Office, client: Client) -> None:
    draft = begun(law)
    address = path("figure-messages", draft, key="fee_neutered")
    blank = dict.fromkeys(("from", "until", "known_from", "v"), "")
    assert client.post(address, {**NEW, **blank}).json()["fields"] == {
        "from": "Enter the first day on which the value counts.",
        "known_from": "Enter the day on which the value became public.",
        "v": "Enter a value, or say below “Why it is not known yet” that there is none. Not both.",
    }
    in_boxes = {"from-day": "1", "from-month": "1", "from-year": "", "known_from-day": "31", "v": "-4"}
    assert client.post(address, {**NEW, **in_boxes}).json()["fields"] == {
        "from": "The date must include a year.",
        "known_from": "The date must include a month and a year.",
        "v": "A value of this figure is at least 0.",
    }
    both = {**NEW, "unknown": "Not published.", "from": "2026-01-01"}
    words = client.post(address, both).json()["fields"]["from"]
    assert words == (
        "Another entry begins on 2026-01-01 too. "
        "If this one replaces it, say why below “What it corrects, and why”."
    )
    for text in (str(client.post(address, {**NEW, **blank}).json()), words):
        assert "known_from is" not in text
        assert "corrects:" not in text


def test_a_slip_is_asked_about_before_it_is_saved(law: Office, client: Client) -> None:
    draft = begun(law)
    one = path("figure", draft, key="fee_neutered")
    slip = {**NEW, "v": "245", "seen": seen(draft)}
    asked = said(client.post(one, slip), 422)
    words = "245 is 12.25 times as much as before (20). More than"
    assert words in asked
    assert "I have looked again: the figure is right" in asked
    assert "2029-01-01" not in Draft.objects.get().files[figures.FILE]
    token = asked.partition('name="checked" value="')[2].partition('"')[0]

    assert words.replace("245 is 12.25", "2450 is 122.5") in said(
        client.post(one, {**slip, "v": "2450", "checked": token}), 422
    )
    assert "Saved." in said(client.post(one, {**slip, "checked": token}))
    advice = said(client.get(path("draft", draft)))
    assert "Fee for a neutered dog: 245 is 12.25 times as much as before (20)." in advice
    assert client_of(law, "author").get(f"/api/v1/workbench/drafts/{draft.pk}").status_code == 200


def test_mistakes_stand_above_advice(law: Office) -> None:
    draft = put(law, "value: 20}", "value: 2}")
    checked = queries.check_draft(Draft.objects.get(pk=draft.pk))
    kinds = [problem.is_error for problem in checked.problems]
    assert kinds == sorted(kinds, reverse=True)
    assert set(kinds) == {True, False}


def test_a_value_that_runs_into_the_next_is_told_at_its_first_day(law: Office, client: Client) -> None:
    draft = begun(law)
    address = path("figure-messages", draft, key="guideline_first_person")
    told = client.post(address, {**NEW, "from": "2025-01-01", "until": "2025-12-31"}).json()["fields"]
    assert told == {
        "from": "This begins on 2025-07-01, when the entry from 2025-01-01 still runs. End that entry on the day before."
    }


def test_a_value_is_changed_and_taken_away(law: Office, client: Client) -> None:
    draft = begun(law)
    one = path("figure", draft, key="guideline_first_person")
    assert 'value="15960"' in said(client.get(one, {"value": "1"}))
    sent = {
        "at": "1",
        "from": "2026-07-01",
        "until": "2027-06-30",
        "known_from": "2026-06-20",
        "v": "15960",
        "reference": "PAMC 1.24.010; HHS poverty guidelines 2026",
        "seen": seen(draft),
    }
    assert "Saved." in said(client.post(one, sent))
    draft.refresh_from_db()
    lines = changed(draft.base[figures.FILE], draft.files[figures.FILE])
    assert len(lines) == 2
    assert lines[1] == lines[0].replace("-  ", "+  ", 1).replace(
        "known_from: 2026-07-01", "known_from: 2026-06-20"
    )
    removed = client.post(
        path("remove-value", draft, key="guideline_first_person"), {"at": "1", "seen": seen(draft)}
    )
    assert removed.status_code == 302
    draft.refresh_from_db()
    assert "15960" not in draft.files[figures.FILE]
    again = {"at": "0", "seen": seen(draft)}
    assert said(client.post(path("remove-value", draft, key="guideline_first_person"), again), 404)


def test_two_officers_on_one_figure_overwrite_nothing(law: Office, client: Client) -> None:
    draft = begun(law)
    old = seen(draft)
    put(law, "value: 120}", "value: 121}")
    moved = client.post(path("figure", draft, key="fee_neutered"), {**NEW, "seen": old})
    assert "Nothing was overwritten." in said(moved, 409)
    assert 'value="24.50"' in said(moved, 409)


@pytest.mark.parametrize("sent", [{"at": "x"}, {"at": "99999"}])
def test_a_place_that_is_none_is_refused(law: Office, client: Client, sent: dict[str, str]) -> None:
    draft = begun(law)
    assert client.post(path("figure", draft, key="fee_neutered"), sent).status_code == 400
    assert client.post(path("remove-value", draft, key="fee_neutered"), {"at": ""}).status_code == 400


def test_a_broken_file_is_shown_with_what_is_wrong(law: Office, client: Client) -> None:
    draft = put(law, "unit: days", "unit: DAYS OF THE WEEK")
    shown = said(client.get(path("figures", draft)))
    assert "is not a unit of numbers" in shown
    assert "See the whole file" in shown


def test_a_service_has_no_figures_page(law: Office, client: Client) -> None:
    assert client.get(path("figures", law.draft())).status_code == 404


def test_messages_of_the_whole_file_come_as_for_a_service(law: Office, client: Client) -> None:
    draft = begun(law)
    text = draft.files["cases.yaml"].replace("fee: 20", "fee: 21", 1)
    told = said(client.post(path("messages", draft, file="cases.yaml"), {"text": text}))
    assert "is expected" in told


# ---- the draft ------------------------------------------------------------------------------


def test_worked_cases_of_the_law_are_shown_with_how_they_come_out(law: Office, client: Client) -> None:
    draft = put(law, "value: 20}", "value: 22}")
    shown = said(client.get(path("draft", draft)))
    assert "Worked cases otherwise than written:" in shown
    assert "Propose to publish" not in shown
    assert "is expected" in said(client.get(path("cases", draft)))


def test_who_may_change_a_law_is_said_by_the_services_that_rest_on_it(law: Office, settings: Any) -> None:
    with pytest.raises(Forbidden):
        actions.begin_law(LAW, by=law.operator, at=AT)
    draft = begun(law)
    assert actions.begin_law(LAW, by=law.other, at=AT).pk == draft.pk
    with pytest.raises(DraftElsewhere):
        actions.begin_law(LAW, by=law.stranger, at=AT)
    with pytest.raises(LawNotFound):
        actions.begin_law("nothing", by=law.author, at=AT)
    settings.COMMONWEAL_LAW_LOOK_SECONDS = 0
    with pytest.raises(LawNotFound):
        begun(law)
    with pytest.raises(LawFixed):
        laws.publish_law(LAW, {}, by=law.operator, at=AT)


def test_a_law_takes_its_own_files_only(law: Office) -> None:
    draft = begun(law)
    with pytest.raises(TextRefused):
        actions.save_file(draft.pk, "service.yaml", "key: x", seen="", by=law.author, at=AT)
    with pytest.raises(Invalid):
        actions.remove_file(draft.pk, figures.FILE, seen=seen(draft), by=law.author, at=AT)


def test_nothing_changed_is_not_proposed(law: Office) -> None:
    draft = begun(law)
    with pytest.raises(NothingChanged):
        actions.propose(draft.pk, note="None.", revision=draft.revision, by=law.author, at=AT)


def test_whoever_wrote_does_not_approve(law: Office) -> None:
    draft = put(law, "From this area on.", "From here on.")
    draft = put(law, "From here on.", "From there on.", by=law.other)
    actions.propose(draft.pk, note="Lots.", revision=draft.revision, by=law.author, at=AT)
    with pytest.raises(OwnProposal):
        actions.approve(draft.pk, revision=draft.revision, by=law.other, at=AT)


def test_a_text_published_meanwhile_is_taken_over(law: Office) -> None:
    draft = put(law, "From this area on.", "From here on.")
    files = {**draft.base, "summary.md": "Shorter."}
    laws.publish_law(LAW, files, by=law.operator, at=AT)
    published.look()
    with pytest.raises(VersionOutdated):
        actions.propose(draft.pk, note="Lots.", revision=draft.revision, by=law.author, at=AT)
    caught = actions.catch_up(draft.pk, by=law.author, at=AT)
    assert caught.files["summary.md"] == "Shorter."
    assert "From here on." in caught.files[figures.FILE]
    assert not queries.is_outdated(caught)

    laws.publish_law(LAW, {**files, figures.FILE: files[figures.FILE] + "# seen\n"}, by=law.operator, at=AT)
    published.look()
    with pytest.raises(DraftOutdated):
        actions.catch_up(draft.pk, by=law.author, at=AT)


# ---- publishing -----------------------------------------------------------------------------


def test_a_decision_made_while_the_database_is_asked_keeps_the_law_in_force(
    law: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = laws.publish_law(
        LAW, {**decisions.law_text(LAW), "summary.md": "Shorter."}, by=law.operator, at=AT
    )
    published.look()
    met: list[UUID | None] = []

    def rows() -> Iterator[tuple[str, UUID]]:
        met.append(published.version_of(LAW))  # as another thread would, while the rows are on their way
        yield LAW, text.pk

    monkeypatch.setattr(
        LawText.objects, "order_by", lambda *_by: SimpleNamespace(values_list=lambda *_of: rows())
    )
    published.look()
    assert met == [text.pk]


def test_the_law_is_published_once_for_the_same_text(law: Office) -> None:
    files = {**decisions.law_text(LAW), "summary.md": "Shorter."}
    first = laws.publish_law(LAW, files, by=law.operator, at=AT)
    assert laws.publish_law(LAW, files, by=law.operator, at=AT) == first
    assert [one.type for one in events_of(f"law:{LAW}")] == ["decisions.law_published"]
    with pytest.raises(LawOutdated):
        laws.publish_law(LAW, files, instead_of="another", by=law.operator, at=AT)
    with pytest.raises(LawNotFound):
        laws.publish_law("nothing", files, by=law.operator, at=AT)


def test_a_law_with_a_mistake_is_not_published(law: Office) -> None:
    files = decisions.law_text(LAW)
    wrong = {**files, figures.FILE: files[figures.FILE].replace("value: 20}", "value: 22}")}
    with pytest.raises(LawRefused) as refused:
        laws.publish_law(LAW, wrong, by=law.operator, at=AT)
    assert {problem.code for problem in refused.value.problems} == {"law.case"}
    assert not LawText.objects.exists()


def test_the_folders_text_comes_back_by_the_command_line(
    law: Office, capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: Any
) -> None:
    from commonweal.kernel.decisions.cli import main

    files = {**decisions.law_text(LAW), "summary.md": "Shorter."}
    with django_capture_on_commit_callbacks(execute=True):
        laws.publish_law(LAW, files, by=law.operator, at=AT)
    assert decisions.law_text(LAW)["summary.md"] == "Shorter."
    with django_capture_on_commit_callbacks(execute=True):
        assert main(["publish", LAW]) == 0
    assert "dog-licence: version 2" in capsys.readouterr().out
    assert decisions.law_text(LAW)["summary.md"] == (HOME / LAW / "summary.md").read_text()


def test_a_process_looks_by_itself_after_some_seconds(law: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(published.time, "monotonic", lambda: now[0])
    published.look()
    files = {**decisions.law_text(LAW), "summary.md": "Shorter."}
    laws.publish_law(LAW, files, by=law.operator, at=AT)
    now[0] += 9
    assert decisions.law_text(LAW) != files
    now[0] += 2
    assert decisions.law_text(LAW) == files


def test_what_a_decision_rested_on_is_found_after_another_was_published(law: Office) -> None:
    from commonweal.kernel.decisions.programmes.reading import programme, recorded

    before = programme(LAW)
    model = before.models[0]
    text = decisions.law_text(LAW)
    other = {**text, figures.FILE: text[figures.FILE].replace("From this area on.", "From here on.")}
    laws.publish_law(LAW, other, by=law.operator, at=AT)
    published.look()
    assert programme(LAW).parameters.hash != before.parameters.hash
    assert recorded(LAW, model.hash, before.parameters.hash)[0] is before
    assert recorded(LAW, model.hash, programme(LAW).parameters.hash)[0] is programme(LAW)
    with pytest.raises(LawNotFound):
        recorded(LAW, model.hash, "none")


# ---- the text itself ------------------------------------------------------------------------

ALL = sorted(path.parent.name for path in Path(HOME).glob("*/parameters.yaml"))
TABLE = """\
parameters:
  # how much
  share:
    label: Share
    kind: scale
    unit: share
    entries:
      # the first
      - from: 2026-01-01
        known_from: 2025-11-15
        reference: {text: Code 1, url: 'https://law.example/1'}
        value:
          - {above: 0, value: 0.1}   # low
          - {above: 100, value: 0.25}

  open:
    label: Open
    kind: boolean
    unit: yes-no
    entries: [{from: 2026-01-01, known_from: 2025-11-15, reference: Code 2, value: true}]
"""


@pytest.mark.parametrize("key", ALL)
def test_a_new_value_is_all_that_changes_in_every_law_of_port_alder(key: str) -> None:
    text = (HOME / key / figures.FILE).read_text()
    names = list(figures.values_of(text, figures.FILE)["parameters"])
    for name in (names[0], names[len(names) // 2], names[-1]):
        figure = figures.declared(text, name)
        latest = figures.entry_at(figure, None)
        place = figure["entries"].index(latest)
        typed = {
            **figures.fields_of(latest),
            **{cell.field: cell.text for cell in figures.cells(figure, latest.get("value"))},
        }
        same = figures.entry_from(figure, typed)
        assert figures.with_entry(text, name, place, same) == text
        later = figures.entry_from(figure, {**typed, "from": "2041-10-01", "until": ""})
        new = figures.with_entry(text, name, None, later)
        assert not [line for line in changed(text, new) if line.startswith("-")]
        at = len(figure["entries"])
        assert figures.entry_at(figures.declared(new, name), at) == later
        assert figures.without_entry(new, name, at) == text


def test_bands_and_truth_values_are_typed_and_written() -> None:
    figure = figures.declared(TABLE, "share")
    now = figures.entry_at(figure, 0)
    shown = figures.cells(figure, now["value"])
    assert [(cell.field, cell.text) for cell in shown[:4]] == [
        ("v/0/above", "0"),
        ("v/0/value", "0.1"),
        ("v/1/above", "100"),
        ("v/1/value", "0.25"),
    ]
    typed = {**figures.fields_of(now), **{cell.field: cell.text for cell in shown}, "from": "2027-01-01"}
    typed |= {"v/2/above": "500", "v/2/value": "0.3"}
    new = figures.with_entry(TABLE, "share", None, figures.entry_from(figure, typed))
    assert changed(TABLE, new) == [
        "+      - from: 2027-01-01",
        "+        known_from: 2025-11-15",
        "+        reference: {text: Code 1, url: https://law.example/1}",
        "+        value:",
        "+          - {above: 0, value: 0.1}",
        "+          - {above: 100, value: 0.25}",
        "+          - {above: 500, value: 0.3}",
    ]
    one = figures.declared(TABLE, "open")
    typed = {"from": "2027-01-01", "known_from": "2026-12-01", "reference": "Code 2", "v": "no"}
    new = figures.with_entry(TABLE, "open", None, figures.entry_from(one, typed))
    assert figures.entry_at(figures.declared(new, "open"), 1)["value"] is False
    assert figures.without_entry(new, "open", 1).count("true") == 1
    back = figures.with_entry(new, "open", 1, figures.entry_from(one, {**typed, "v": "yes"}))
    assert figures.entry_at(figures.declared(back, "open"), 1)["value"] is True


def test_a_comment_beside_a_band_stays_where_another_changes() -> None:
    figure = figures.declared(TABLE, "share")
    now = figures.entry_at(figure, 0)
    typed = {**figures.fields_of(now), **{c.field: c.text for c in figures.cells(figure, now["value"])}}
    new = figures.with_entry(TABLE, "share", 0, figures.entry_from(figure, {**typed, "v/1/value": "0.3"}))
    assert changed(TABLE, new) == [
        "-          - {above: 100, value: 0.25}",
        "+          - {above: 100, value: 0.3}",
    ]


def test_a_figure_that_nobody_knows_yet_is_written_with_its_reason() -> None:
    figure = figures.declared(TABLE, "share")
    typed = {"from": "2027-01-01", "known_from": "2026-12-01", "reference": "Code 1", "unknown": "Not out."}
    new = figures.with_entry(TABLE, "share", None, figures.entry_from(figure, typed))
    assert changed(TABLE, new) == [
        "+      - from: 2027-01-01",
        "+        known_from: 2026-12-01",
        "+        reference: Code 1",
        "+        unknown: Not out.",
    ]


@pytest.mark.parametrize("typed", ["1e3", "1,5", "12345678901234567", "0.1234567890123456"])
def test_what_is_no_number_stays_as_typed_for_the_loader_to_refuse(typed: str) -> None:
    figure = {"unit": "USD", "entries": []}
    assert figures.entry_from(figure, {"v": typed})["value"] == typed


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(PlaceNotFound):
        figures.declared(TABLE, "nothing")
    with pytest.raises(PlaceNotFound):
        figures.declared("parameters: {a: {entries: [1]}}", "a")
    with pytest.raises(PlaceNotFound):
        figures.entry_at(figures.declared(TABLE, "share"), 7)
    with pytest.raises(PlaceNotFound):
        figures.without_entry(TABLE, "share", 0)


def test_what_stands_in_the_draft_of_a_service_has_nothing_to_do_with_law(law: Office) -> None:
    assert not law.draft().is_law
    assert law.draft().stream == f"service:{KEY}"
    assert begun(law).stream == f"law:{LAW}"


FEES = """\
programme: fees
name: Fees
parameters:
  fee:
    label: Fee
    unit: USD
    entries: [{from: 2026-01-01, known_from: 2026-01-01, reference: A, value: 1}, {from: 2027-01-01, known_from: 2026-01-01, reference: A, value: 2}]
  limit:
    label: Limit
    unit: dogs
    by: [{key: size, label: Size, up_to: 2}]
    entries:
      - {from: 2026-01-01, known_from: 2026-01-01, reference: A, value: [1, 2]}
      - {from: 2027-01-01, known_from: 2026-01-01, reference: A, value: [1, 2]}
      - {from: 2028-01-01, known_from: 2026-01-01, reference: A, value: [1, 2]}
"""


def test_a_list_in_brackets_gains_changes_and_loses_a_value() -> None:
    entry = {"from": date(2028, 1, 1), "known_from": date(2027, 1, 1), "reference": "A", "value": 3}
    more = figures.with_entry(FEES, "fee", None, entry)
    assert figures.declared(more, "fee")["entries"][2]["value"] == 3
    other = figures.with_entry(more, "fee", 2, {**entry, "until": date(2028, 12, 31), "value": 4})
    assert figures.declared(other, "fee")["entries"][2]["until"] == date(2028, 12, 31)
    shorter = figures.with_entry(other, "fee", 2, entry)
    assert "until" not in figures.declared(shorter, "fee")["entries"][2]
    assert figures.without_entry(more, "fee", 2) == figures.without_entry(shorter, "fee", 2)
    for at in (0, 1, 2):
        left = figures.declared(figures.without_entry(FEES, "limit", at), "limit")["entries"]
        assert [one["from"].year for one in left] == [
            year for year in (2026, 2027, 2028) if year != 2026 + at
        ]


def test_a_figure_goes_into_a_file_that_ends_otherwise() -> None:
    new = figures.new_figure({**NEW, "label": "Late", "unit": "USD"})
    text = figures.with_figure(FEES.replace("name: Fees\n", "") + "name: Fees\n", "late", new)
    assert list(figures.values_of(text, "x")["parameters"]) == ["fee", "limit", "late"]
    assert list(figures.values_of(text, "x")) == ["programme", "parameters", "name"]
    assert figures.said_of_figure(FEES.replace("unit: dogs", "unit: DOGS AND CATS"), "fee", new) == {}


def test_a_place_of_a_table_is_told_at_its_own_field() -> None:
    figure = figures.declared(FEES, "limit")
    text = FEES.replace("value: [1, 2]}", 'value: [1, ""]}', 1)
    assert figures.said_beside(text, "limit", 0, figure) == {"v/2": "Enter a value."}
    assert figures.slips(FEES, "parameters: 1", "limit") == []


def test_the_fields_of_a_table_say_what_its_letters_stand_for() -> None:
    status = {"key": "status", "label": "Filing status", "values": ["S", "J"], "labels": {"S": "Single"}}
    figure = {"by": [status, {"key": "size", "up_to": 1}]}

    shown = figures.cells(figure, {"S": [1], "J": [2]})

    assert [(cell.field, cell.label) for cell in shown] == [
        ("v/S/1", "Filing status: Single (S), size: 1"),
        ("v/J/1", "Filing status: J, size: 1"),
    ]
