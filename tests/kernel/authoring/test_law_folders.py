"""A law's folder comes in as a zip archive; rules from another day on begin as a copy."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories.people import AT
from tests.kernel.authoring.conftest import Office
from tests.kernel.authoring.test_law import HOME, LAW, begun, changed, client, law, seen
from tests.kernel.authoring.test_workbench import path, said

from commonweal.kernel.authoring import actions, queries
from commonweal.kernel.authoring.archives import read_zip, write_zip
from commonweal.kernel.authoring.errors import ArchiveRefused, DraftClosed, DraftElsewhere, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.base.errors import Invalid

__all__ = ["client", "law"]

MODEL = "2026-01-01.dmn"
FIGURES = "parameters.yaml"


def folder(home: str = f"law/{LAW}", **more: str) -> bytes:
    """An archive of the dog licence's whole folder, as git makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted((HOME / LAW).rglob("*")):
            if file.is_file():
                archive.write(file, f"{home}/{file.relative_to(HOME / LAW)}")
        for name, text in more.items():
            archive.writestr(f"{home}/{name}", text)
    return out.getvalue()


def test_the_folder_of_a_law_becomes_a_draft_and_goes_out_byte_for_byte(law: Office) -> None:
    draft = actions.take_in(folder(), by=law.author, at=AT)
    assert (draft.is_law, draft.service_key, draft.files == draft.base) == (True, LAW, True)
    assert not any(name.startswith("locale/") for name in draft.files)

    text = draft.files[FIGURES].replace("value: 20}", "value: 21}", 1)
    changed_ = {**draft.files, FIGURES: text}
    again = actions.take_in(write_zip(LAW, changed_), by=law.author, at=AT)
    assert again.pk == draft.pk
    assert again.files == changed_
    out = queries.archive_of(again)
    assert read_zip(out) == {name: words.encode() for name, words in changed_.items()}
    assert actions.take_in(out, by=law.author, at=AT).revision == again.revision


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (folder(**{"notes.txt": "x"}), TextRefused, "notes.txt"),
        (folder(**{"2027-13-01.exe": "x"}), TextRefused, "2027-13-01.exe"),
        (folder(**{"deep/parameters.yaml": "x"}), ArchiveRefused, "several services or laws"),
        (folder(**{"service.yaml": "x"}), ArchiveRefused, "several services or laws"),
        (
            write_zip("x", {FIGURES: "name: Nothing\n"}),
            Invalid,
            "parameters.yaml does not say under 'programme'",
        ),
        (write_zip("x", {FIGURES: "programme: unknown-law\n"}), Invalid, "no law of this name: unknown-law"),
        (write_zip("x", {FIGURES: "a: &a [x]\nb: *a\n"}), TextRefused, "parameters.yaml"),
        (write_zip("x", {MODEL: "<x/>"}), ArchiveRefused, "neither"),
    ],
)
def test_what_is_no_folder_of_a_law_is_refused(
    law: Office, content: bytes, error: type[Invalid], words: str
) -> None:
    with pytest.raises(error) as caught:
        actions.take_in(content, by=law.author, at=AT)
    assert words in f"{caught.value} {caught.value.fields}"
    assert not Draft.objects.exists()


def test_a_link_and_a_path_outside_are_refused_for_a_law_too(law: Office) -> None:
    link = zipfile.ZipInfo(f"law/{LAW}/summary.md")
    link.external_attr = 0o120777 << 16
    for name in (link, "../summary.md"):
        out = io.BytesIO(folder("law"))
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr(name, "/etc/passwd")
        with pytest.raises(ArchiveRefused):
            actions.take_in(out.getvalue(), by=law.author, at=AT)


def test_a_law_that_is_being_changed_elsewhere_or_waits_is_left_alone(law: Office) -> None:
    draft = begun(law)
    Draft.objects.filter(pk=draft.pk).update(agency="parks")
    with pytest.raises(DraftElsewhere):
        actions.take_in(folder(), by=law.author, at=AT)
    Draft.objects.filter(pk=draft.pk).update(agency=draft.agency, stage="proposed", proposed_by="x")
    with pytest.raises(DraftClosed):
        actions.take_in(folder(), by=law.author, at=AT)


def test_the_archive_of_a_law_comes_in_on_the_page(law: Office, client: Client) -> None:
    archive = SimpleUploadedFile("law.zip", folder(), "application/zip")
    shown = said(client.post(reverse("authoring:import"), {"archive": archive}, follow=True))
    assert "Draft of the law dog-licence" in shown


def test_rules_from_another_day_begin_as_a_copy(law: Office, client: Client) -> None:
    draft = begun(law)
    assert "Rules from another day on" in said(client.get(path("draft", draft)))
    sent = {"copied_from": MODEL, "first_day-day": "1", "first_day-month": "1", "first_day-year": "2027"}
    assert "There is no such day." in said(
        client.post(path("begin-rules", draft), {**sent, "first_day-month": "13"}), 422
    )
    client.post(path("begin-rules", draft), sent)
    files = Draft.objects.get().files
    assert changed(files[MODEL], files["2027-01-01.dmn"]) == [
        '-             namespace="https://commonweal.example/law/dog-licence/2026-01-01">',
        '+             namespace="https://commonweal.example/law/dog-licence/2027-01-01">',
    ]
    assert queries.check_draft(Draft.objects.get(), with_services=False).errors == []
    assert "There are rules from this day on already." in said(
        client.post(path("begin-rules", draft), sent), 422
    )

    known = actions.begin_rules(
        draft.pk,
        copied_from=MODEL,
        first_day=date(2027, 1, 1),
        known_on=date(2026, 11, 5),
        by=law.author,
        at=AT,
    )
    assert "2027-01-01@2026-11-05.dmn" in known.files
    with pytest.raises(Invalid):
        actions.begin_rules(draft.pk, copied_from=FIGURES, first_day=date(2028, 1, 1), by=law.author, at=AT)
    assert seen(draft)


FIGURE = {
    "key": "late_fine",
    "label": "Fine for: a late licence",
    "unit": "USD",
    "maximum": "500",
    "from": "2027-01-01",
    "known_from": "2026-11-01",
    "v": "12.50",
    "reference": "PAMC 6.08.099",
}


def test_a_new_figure_is_written_in_the_file_and_known_to_the_newest_rules(
    law: Office, client: Client
) -> None:
    draft = begun(law)
    assert "Add a figure" in said(client.get(path("figures", draft)))
    shown = said(client.post(path("figures", draft), FIGURE, follow=True))
    assert "Fine for: a late licence" in shown
    files = Draft.objects.get().files
    assert changed(draft.files[FIGURES], files[FIGURES]) == [
        "+",
        "+  late_fine:",
        "+    label: 'Fine for: a late licence'",
        "+    unit: USD",
        "+    maximum: 500",
        "+    entries:",
        "+      - {from: 2027-01-01, known_from: 2026-11-01, reference: PAMC 6.08.099, value: 12.5}",
    ]
    assert changed(draft.files[MODEL], files[MODEL]) == [
        '+    <itemComponent name="late_fine"><typeRef>number</typeRef></itemComponent>'
    ]
    assert queries.check_draft(Draft.objects.get(), with_services=False).errors == []
    assert "There is a figure of this name already." in said(client.post(path("figures", draft), FIGURE), 422)


@pytest.mark.parametrize("kind", ["text", "boolean"])
def test_a_figure_may_be_a_text_or_a_truth(law: Office, kind: str) -> None:
    draft = begun(law)
    value = {"text": "north", "boolean": "yes"}[kind]
    sent = {**FIGURE, "kind": kind, "unit": "USD", "maximum": "", "v": value}
    saved = actions.add_figure(draft.pk, "late_fine", sent, by=law.author, at=AT)
    assert queries.check_draft(saved, with_services=False).errors == []
    type_ = {"text": "string", "boolean": "boolean"}[kind]
    assert f'name="late_fine"><typeRef>{type_}<' in saved.files[MODEL]


def test_what_is_wrong_with_a_new_figure_stands_at_its_field(law: Office) -> None:
    draft = begun(law)
    cases = [
        ("Late", FIGURE, {"key"}),
        ("late", {**FIGURE, "label": "", "unit": "dollars a year", "v": "-1"}, {"label", "unit", "v"}),
        ("late", {**FIGURE, "maximum": "-3", "from": "", "reference": ""}, {"maximum", "from", "reference"}),
        ("late", {**FIGURE, "minimum": "low", "v": "600"}, {"minimum", "v"}),
    ]
    for key, sent, fields in cases:
        with pytest.raises(Invalid) as caught:
            actions.add_figure(draft.pk, key, sent, by=law.author, at=AT)
        assert set(caught.value.fields) == fields
    assert Draft.objects.get().files == draft.files


@pytest.mark.parametrize("programme", sorted(path.parent.name for path in HOME.glob("*/parameters.yaml")))
def test_a_new_figure_is_all_that_changes_in_any_law(programme: str) -> None:
    from commonweal.kernel.authoring import figures

    text = (HOME / programme / FIGURES).read_text()
    new = figures.with_figure(text, "zz_new", figures.new_figure(FIGURE))
    assert all(line.startswith("+") for line in changed(text, new))
    found, _faults = figures.read(new)
    assert found is not None
    assert found.parameters["zz_new"].maximum == 500
