from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

from commonweal.project.demo.mail_catcher import caught
from commonweal.project.demo.processes import accepts, free_port


@pytest.fixture
def catcher(tmp_path, monkeypatch):
    port = free_port(29_025)
    command = [
        sys.executable,
        "-m",
        "commonweal.project.demo.mail_catcher",
        str(port),
        str(tmp_path / "mail"),
    ]
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    with subprocess.Popen(command) as process:
        ends = time.monotonic() + 60
        while not accepts(port) and time.monotonic() < ends:
            time.sleep(0.02)
        yield port, tmp_path / "mail"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def send(port, subject, text, date=None):
    mail = EmailMessage()
    if date:
        mail["Date"] = date
    mail["From"], mail["To"], mail["Subject"] = "city@port-alder.example", "José <jose@example.org>", subject
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(mail)


def test_mails_are_kept_and_shown_newest_first(catcher):
    port, folder = catcher
    send(port, "One", "The first.")
    send(port, "Día dos", "<script>alert(1)</script> señal")
    shown = list(caught(folder))
    assert [(mail.subject, mail.text) for mail in shown] == [
        ("Día dos", "<script>alert(1)</script> señal"),
        ("One", "The first."),
    ]
    assert shown[0].recipients == "José <jose@example.org>"
    assert len(list(caught(folder, limit=1))) == 1
    assert sorted(path.suffix for path in folder.iterdir()) == [".eml", ".eml"]


def test_mails_of_the_citys_past_stand_below_those_of_today_although_they_come_later(catcher):
    port, folder = catcher
    send(port, "Today's", "New.", "Tue, 15 Sep 2026 16:02:00 -0000")
    send(port, "Of last year", "Old.", "Mon, 01 Dec 2025 18:00:00 +0000")
    send(port, "Of the same minute", "Newer.", "Tue, 15 Sep 2026 09:02:00 -0700")
    assert [mail.subject for mail in caught(folder)] == ["Of the same minute", "Today's", "Of last year"]


def test_a_folder_that_is_not_there_holds_no_mail(tmp_path):
    assert list(caught(tmp_path / "nowhere")) == []
