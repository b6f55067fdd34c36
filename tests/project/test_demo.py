"""The practice city as a visitor meets it: built small, started, used, stopped."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from commonweal.project.demo.city import REPOSITORY
from commonweal.project.demo.identities import OFFICERS
from commonweal.project.demo.processes import accepts

pytestmark = pytest.mark.slow

BUILD = ("--residents", "20", "--cases", "40")


def environment(home):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("COMMONWEAL_", "PYTEST_"))
    }
    return kept | {"COMMONWEAL_DEMO_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src")}


def command(*arguments):
    return [sys.executable, "-m", "commonweal.project.cli", *arguments]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A small city, built once."""
    home = tmp_path_factory.mktemp("city")
    built = subprocess.run(
        command("demo", "--build-only", *BUILD),
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, ""), built.stdout
    assert "Registering" in built.stdout
    return home


class Running:
    """A demo that is running, and what it has printed."""

    def __init__(self, home, *arguments):
        self.process = subprocess.Popen(
            command("demo", *BUILD, *arguments),
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []
        self._reader = threading.Thread(
            target=lambda: self.lines.extend(iter(self.process.stdout.readline, ""))
        )
        self._reader.start()
        ends = time.monotonic() + 180
        while not any("Ctrl-C stops it" in line for line in self.lines):
            if self.process.poll() is not None or time.monotonic() > ends:
                self.process.terminate()
                raise AssertionError(self.said)
            time.sleep(0.05)
        self.address = re.search(r"Port Alder is open: (http://[\d.:]+)/", self.said).group(1)
        self.port = int(self.address.rpartition(":")[2])

    @property
    def said(self):
        return "".join(self.lines)

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return answer.read().decode()

    def programs(self):
        """Every process that came of it, children of children too."""
        found, seen = [self.process.pid], []
        while found:
            pid = found.pop()
            seen.append(pid)
            listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
            found += [int(line) for line in listed.stdout.split()]
        return seen[1:]

    def stop(self, number):
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.close()
        return status

    def close(self):
        self._reader.join()
        self.process.stdout.close()


@pytest.fixture
def start(home):
    started = []

    def start(*arguments):
        started.append(Running(home, *arguments))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            assert running.stop(signal.SIGTERM) == 0


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_serves_pages_and_catches_mail_until_ctrl_c(start, home):
    others = {port for port in range(8025, 8075) if accepts(port)}
    running = start("--port", "28400")
    programs = running.programs()
    assert len(programs) >= 4  # mail catcher, worker, web server and its own worker
    assert len({os.getpgid(pid) for pid in programs}) == 1
    assert "Port Alder" in running.get("/")
    assert "ana.flores@example.org" in running.get("/demo/")
    mail_port = next(port for port in range(8025, 8075) if port not in others and accepts(port))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "A <b>letter</b> waits"
    mail.set_content("Sign in to read it.")
    with smtplib.SMTP("127.0.0.1", mail_port, timeout=10) as client:
        client.send_message(mail)
    shown = running.get("/demo/mail/")
    assert "A &lt;b&gt;letter&lt;/b&gt; waits" in shown
    assert "Sign in to read it." in shown
    assert running.stop(signal.SIGINT) == 0
    assert "Stopped." in running.said
    assert "Traceback" not in running.said
    assert all(is_gone(pid) for pid in programs)
    assert (home / "elapsed").exists()


def test_a_taken_port_a_second_start_and_a_fallen_program(start, home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = start("--port", str(port))
    assert running.port != port
    assert f"Port {port} is taken, so this is port {running.port}." in running.said
    second = subprocess.run(
        command("demo", *BUILD), env=environment(home), capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert "runs already" in second.stderr
    programs = running.programs()
    worker = next(pid for pid in programs if Path(f"/proc/{pid}/cmdline").read_text().endswith("\0worker\0"))
    os.kill(worker, signal.SIGKILL)
    assert running.process.wait(30) == 1
    running.close()
    assert "The worker ended by itself (status -9)." in running.said
    assert all(is_gone(pid) for pid in programs)


def test_words_without_settings_mean_the_practice_city(home):
    done = subprocess.run(
        command("ledger", "verify"), env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-500:]
    assert done.stderr == f"Using the practice city in {home}.\n"
    assert re.search(r"^\d+ streams checked, 0 problems$", done.stdout, re.MULTILINE)


def test_the_registers_hold_what_was_invented(home):
    with sqlite3.connect(home / "city.sqlite3") as database:
        counts = dict(
            database.execute(
                "SELECT register, count(*) FROM registers_registerentry GROUP BY register"
            ).fetchall()
        )
        persons = database.execute("SELECT count(*) FROM people_person").fetchone()[0]
        officers = database.execute("SELECT count(*) FROM people_officer").fetchone()[0]
    database.close()
    assert persons >= 20
    assert officers == len(OFFICERS)
    assert counts["dwellings"] > 250
    assert counts["vehicles"] > 3


CASES = """
SELECT service_key, status, coalesce(outcome, ''), opened_at, people_person.name
FROM cases_case JOIN people_person ON applicant_id = people_person.id
WHERE opened_at < '2026-09-15 16:00' ORDER BY opened_at, people_person.name
"""
"""Those of the years before the city opens; what its worker does then comes after."""


def rows(home, query):
    database = sqlite3.connect(home / "city.sqlite3")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_cases_are_made_by_the_real_actions(home):
    cases = rows(home, CASES)
    assert len(cases) == 40
    assert len({case[:3] for case in cases}) >= 4, "services, states and outcomes vary"
    types = {row[0] for row in rows(home, "SELECT DISTINCT type FROM ledger_event")}
    assert types >= {
        "forms.sheet_submitted",
        "cases.submitted",
        "cases.assigned",
        "cases.closed",
        "mailbox.sent",
    }
    stuck = rows(home, "SELECT stage, status_reason FROM cases_case WHERE status_reason LIKE '%cannot be%'")
    assert stuck == []
    latest = "SELECT max(starts_on) FROM awards_award WHERE service_key = 'food-assistance'"
    assert rows(home, latest)[0][0] < "2027-10-01", "nobody has it for years ahead"
    closed = sum(status == "closed" for _, status, *_ in cases)
    assert rows(home, "SELECT count(*) FROM mailbox_message")[0][0] >= closed // 2
    drafts = "SELECT count(*) FROM forms_sheet WHERE submitted_at IS NULL"
    assert rows(home, drafts)[0][0] == 2, "a draft, and the one in which a mistake was reported"
    letters = "SELECT DISTINCT lane FROM jobs_job WHERE key IN ('mailbox.render_pdf', 'jobs.send_mail')"
    assert {row[0] for row in rows(home, letters)} <= {9}, "a visitor's go before the letters of years"


def test_the_same_seed_builds_the_same_city(home, tmp_path):
    subprocess.run(
        command("demo", "--build-only", *BUILD), env=environment(tmp_path), capture_output=True, check=True
    )
    assert rows(tmp_path, CASES) == rows(home, CASES)
    people = "SELECT name, email, language FROM people_person ORDER BY name, email"
    assert rows(tmp_path, people) == rows(home, people)
