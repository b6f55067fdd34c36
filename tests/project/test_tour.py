"""The tour of README.md is true: it is printed by the demo, and every step of it works."""

from __future__ import annotations

import re
import subprocess
import time

import pytest
from tests.project.browser import Browser
from tests.project.test_demo import Running, command, environment

from commonweal.project.demo.city import REPOSITORY
from commonweal.project.demo.identities import PASSWORD, TOUR_OFFICER, TOUR_RESIDENT
from commonweal.project.demo.portal import _drawn
from commonweal.project.demo.tour import ADDRESS, STEPS, unmarked, welcome


def test_the_tour_of_the_readme_is_the_one_that_is_printed():
    readme = " ".join((REPOSITORY / "README.md").read_text().split())
    assert STEPS
    for number, step in enumerate(STEPS, start=1):
        assert f"{number}. {step}" in readme
        assert f"{number}. {unmarked(step)}" in welcome(ADDRESS)
    assert TOUR_RESIDENT in readme
    assert TOUR_OFFICER in readme
    assert PASSWORD in readme


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path, "--port", "28600")
    yield started
    assert started.stop(15) == 0


@pytest.mark.slow
def test_every_step_of_the_tour_works(running, tmp_path):
    ana = Browser(running.address)
    ana.open("/account/login/")
    ana.press("Sign in", login=TOUR_RESIDENT, password=PASSWORD)
    ana.open("/services/food-assistance/")
    ana.press("Start now")
    assert "Ana Flores" in ana.text
    assert "Mateo Flores" in ana.text
    ana.follow("Change Ana Flores")
    ana.press("Continue", earned="1850")
    ana.press("That is all")
    ana.press("Continue", rent_or_mortgage="1240", all_members_homeless="no")
    ana.press("Continue", utilities_heating_or_cooling="yes", utilities_kinds="2", utilities_telephone="yes")
    ana.press("Continue", dependent_care="320")
    ana.press("Continue")
    ana.press("Continue", contact_language="en")
    assert "Check your answers" in ana.text
    ana.press("Send")
    assert "You get food assistance" in ana.text
    assert "How we came to this decision" in ana.text
    assert "Gross income" in ana.text
    ana.follow("See every step of how we worked it out")
    assert "Net income test" in ana.text
    assert "7 CFR 273.9(a)(2)" in ana.text
    ana.follow("Mailbox")
    ana.follow("You get food assistance")
    ana.press("Open this letter")
    letter, ends = ana.url, time.monotonic() + 180
    while "Download" not in ana.text and time.monotonic() < ends:
        time.sleep(1)
        ana.open(letter)
    ana.follow("Download")
    assert ana.content.startswith(b"%PDF-")
    assert TOUR_RESIDENT in running.get("/demo/mail/")

    priya = Browser(running.address)
    priya.open("/account/login/")
    priya.press("Sign in", login=TOUR_OFFICER, password=PASSWORD)
    priya.open("/workbench/")
    references = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", priya.text)
    assert references
    priya.follow(references[0])
    priya.press("Take this case")
    priya.press("Decide so")
    assert "closed" in priya.text

    checked = subprocess.run(
        command("ledger", "verify"), env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0
    assert ", 0 problems" in checked.stdout


def test_no_mark_of_markdown_is_shown() -> None:
    shown = welcome(ADDRESS) + "".join(_drawn(step) for step in STEPS)

    assert "**" not in shown
    assert "`" not in shown
    assert f'<a href="{ADDRESS}/demo/mail/">' in shown
    assert "<strong>Services</strong>" in shown
