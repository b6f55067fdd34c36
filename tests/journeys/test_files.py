"""A resident hands in files: several at once, one too many, one that is taken back, one whose way breaks off."""

from __future__ import annotations

import pytest
from tests.journeys.city import City, let_in

LETTER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FIELD = "Hand in the letter"


@pytest.fixture(autouse=True)
def _store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def begin(visitor, city):
    let_in(visitor, city.resident.account)
    visitor.visit("/services/parking-permit/")
    visitor.press("Start now")
    visitor.fill("How many parking spaces does your home have off the street?", "0")
    visitor.press("Continue")
    visitor.fill("Number plate", "abc1234")
    visitor.choose("A leasing or rental firm")
    visitor.press("Continue")
    visitor.choose("Yes", of="Do you have a letter that names you, or somebody in your home, as the driver?")
    visitor.press("Continue")


def choose(visitor, *files):
    """Choose files; where there is no script, send them by the button."""
    sent = [{"name": name, "mimeType": "application/pdf", "buffer": content} for name, content in files]
    visitor.page.get_by_label(FIELD, exact=True).set_input_files(sent)
    if not visitor.has_script:
        visitor.press("Upload the chosen files")
        return
    settled(visitor)


def settled(visitor):
    """Wait until everything has arrived, and check the page; what a script asked for has no bodies to weigh."""
    visitor.page.locator(".cw-upload__list").wait_for(state="hidden")
    visitor._responses.clear()
    visitor.check()


def handed_in(visitor):
    names = visitor.page.locator(".cw-files:not(.cw-upload__list) .cw-files__file a").all_inner_texts()
    return [name.strip() for name in names]


def test_files_are_handed_in_refused_taken_back_and_opened_by_the_officer(visitor, city: City, open_browser):
    begin(visitor, city)
    visitor.fill("Number plate", "zzz999")
    choose(visitor, ("letter.pdf", LETTER), ("page two.pdf", LETTER))
    assert handed_in(visitor) == ["letter.pdf", "page two.pdf"]
    choose(visitor, ("<img src=x>\u202egpj.svg", b"<svg/>"))
    assert visitor.sees("We cannot take this kind of file here. Send a PDF or a photo")
    assert handed_in(visitor) == ["letter.pdf", "page two.pdf"]
    assert visitor.page.get_by_label("Number plate", exact=True).input_value() == "zzz999"
    visitor.narrows_to(320)
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    visitor.press("Remove page two.pdf")
    assert handed_in(visitor) == ["letter.pdf"]
    visitor.fill("Number plate", "abc1234")
    visitor.press("Continue")
    visitor.fill_date("When shall the permit start?", year=2026, month=10, day=1)
    visitor.choose("No")
    visitor.press("Continue")
    visitor.choose("None of these")
    visitor.press("Continue")
    visitor.fill("E-mail address", "noor@example.org")
    visitor.press("Continue")
    assert visitor.page.get_by_role("link", name="letter.pdf").count() == 1
    visitor.press("Send")
    reference = visitor.page.locator(".cw-confirmation .cw-reference").inner_text()
    officer = open_browser(has_script=visitor.has_script)
    let_in(officer, city.warden)
    officer.visit(f"/workbench/cases/{reference}/")
    with officer.page.expect_download() as download:
        officer.page.get_by_role("link", name="letter.pdf").click()
    assert download.value.path().read_bytes() == LETTER


def test_ten_megabytes_go_on_where_the_line_was_cut_after_loading_the_page_again(
    open_browser, city: City, tmp_path
):
    visitor = open_browser(width=360, height=800)
    visitor.looks_closely = False
    begin(visitor, city)
    visitor.looks_closely = True
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(LETTER + b"\n" * 9_900_000)
    offsets, is_cut = [], True

    def watch(route):
        if route.request.method == "PATCH":
            offset = int(route.request.headers["upload-offset"])
            if is_cut and offset >= 2_000_000:
                route.abort("connectionfailed")
                return
            offsets.append(offset)
        route.continue_()

    visitor.page.route("**/uploads/**", watch)
    visitor.page.get_by_label(FIELD, exact=True).set_input_files(scan)
    visitor.page.locator(".cw-upload--waiting").wait_for()
    visitor.page.get_by_role("button", name="Continue").click()
    assert visitor.sees("Some files are still on their way.")
    visitor._complaints.clear()  # the browser notes that the line was cut
    visitor._responses.clear()
    visitor.check()
    before = list(offsets)

    visitor.page.reload()
    visitor._complaints.clear()
    assert visitor.sees("Not sent completely. Choose the file again, and we go on where it stopped: scan.pdf")
    is_cut = False
    visitor.page.get_by_label(FIELD, exact=True).set_input_files(scan)
    settled(visitor)

    assert handed_in(visitor) == ["scan.pdf"]
    assert offsets[len(before)] == before[-1] + 512 * 1024
    assert len(offsets) == len(set(offsets))
    visitor.press("Continue")
    assert visitor.sees("When shall the permit start?")
