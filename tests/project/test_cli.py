from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest

from commonweal.project import cli
from commonweal.project.cli import words
from commonweal.project.cli.words import WORDS
from commonweal.project.demo.city import REPOSITORY
from tools import reference


@pytest.fixture
def without_settings(monkeypatch, tmp_path):
    """A shell in which nothing of Commonweal is set, and no practice city is built."""
    for name in [name for name in os.environ if name.startswith(("COMMONWEAL_", "PYTEST_VERSION"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMMONWEAL_DEMO_HOME", str(tmp_path / "demo"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "commonweal.project.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=REPOSITORY,
    )


@pytest.mark.parametrize("word", [word for word in WORDS if word.target], ids=lambda word: word.name)
def test_every_word_leads_to_a_program(word):
    module, _, function = word.target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_words_are_told_apart_and_explained():
    assert len({word.name for word in WORDS}) == len(WORDS)
    for word in WORDS:
        assert word.name.isidentifier()
        assert 10 < len(word.line) < 80
        assert not word.line.endswith(".")


@pytest.mark.parametrize("arguments", [[], ["help"], ["words"], ["--help"]])
def test_help_lists_every_word(arguments, capsys):
    assert cli.main(arguments) == 0
    told = capsys.readouterr().out
    assert all(f"  {word.name} " in told and word.line in told for word in WORDS)


def test_help_loads_neither_django_nor_an_app(without_settings):
    code = (
        "import sys; from commonweal.project.cli import main; main(['help']); "
        "print([m for m in sys.modules if m.startswith(('django', 'commonweal.kernel', 'commonweal.engines'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("typed", "guess"),
    [("chekc", " Did you mean 'check'?"), ("hepl", " Did you mean 'help'?"), ("xyzzy", "")],
)
def test_unknown_word_is_named_with_a_guess(typed, guess, capsys):
    assert cli.main([typed]) == 2
    told = capsys.readouterr()
    assert told.err == f"There is no word '{typed}'.{guess} `commonweal help` lists them all.\n"
    assert told.out == ""


def test_unknown_word_of_any_length_gives_one_short_line():
    assert len(words.unknown("x" * 5000)) < 120


def test_arguments_reach_the_program(monkeypatch):
    seen = []
    word = words.Word("stand-in", "stand in for a program", "sys:exit", words.Needs.NOTHING)
    monkeypatch.setattr(cli, "find", lambda name: word)
    monkeypatch.setattr("sys.exit", lambda arguments: seen.append(arguments) or 3)
    assert cli.main(["stand-in", "--flag", "value"]) == 3
    assert seen == [["--flag", "value"]]


def test_check_needs_no_settings(without_settings):
    done = run("check", "no-such-folder")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not in a jurisdiction's folder" in done.stderr


def test_database_words_say_what_is_missing(without_settings):
    done = run("ledger", "verify")
    assert (done.returncode, done.stdout) == (2, "")
    assert "COMMONWEAL_SECRET_KEY" in done.stderr
    assert "./cw demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_django_commands_are_passed_on(without_settings, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_SECRET_KEY", "x" * 50)
    monkeypatch.setenv("COMMONWEAL_KEYS", f"index:{'aW5k' * 10}aW4=,practice:{'a2V5' * 10}a2U=")
    done = run("manage", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_the_page_of_words_is_current():
    assert reference.WORDS_PAGE.read_text() == reference.words_page(), "run `python -m tools.reference`"
    assert reference.words() == [(word.name, word.line) for word in WORDS]
