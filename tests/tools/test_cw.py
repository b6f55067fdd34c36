"""The launcher, in folders of its own, without a network: pip and uv are played by small scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cw(tmp_path, monkeypatch):
    """The launcher of an empty repository with two pinned packages."""
    shutil.copy(ROOT / "cw", tmp_path / "cw")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/run.txt").write_text(
        "one==1 \\\n    --hash=sha256:aa\ntwo[extra]==2 \\\n    --hash=sha256:bb\n"
    )
    (tmp_path / "requirements/dev.txt").write_text("three==3 \\\n    --hash=sha256:cc\n")
    monkeypatch.delenv("COMMONWEAL_VENV", raising=False)
    loader = SourceFileLoader("cw", str(tmp_path / "cw"))
    module = module_from_spec(spec_from_loader("cw", loader))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    return module


@pytest.fixture
def installed(cw, monkeypatch):
    """Kinds of requirements in the order in which they were installed."""
    kinds = []
    monkeypatch.setattr(cw, "install", kinds.append)
    return kinds


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_what_is_installed_is_not_installed_again(cw, installed):
    cw.prepare("run")
    cw.prepare("run")
    assert installed == ["run"]


def test_tools_hold_what_a_run_needs(cw, installed):
    cw.prepare("dev")
    cw.prepare("run")
    assert installed == ["dev"]


def test_a_run_does_not_hold_the_tools(cw, installed):
    cw.prepare("run")
    cw.prepare("dev")
    assert installed == ["run", "dev"]


@pytest.mark.parametrize("changed", ["run", "dev"])
def test_changed_requirements_are_installed_into_the_same_environment(cw, installed, changed):
    cw.prepare("dev")
    (cw.VENV / "kept").touch()
    (cw.ROOT / f"requirements/{changed}.txt").write_text("four==4\n")
    cw.prepare("dev")
    assert installed == ["dev", "dev"]
    assert (cw.VENV / "kept").exists()


@pytest.mark.parametrize("other", ["/elsewhere/.venv\n3.11\n", "{venv}\n2.7\n"])
def test_another_place_or_python_needs_a_new_environment(cw, installed, other):
    cw.prepare("run")
    (cw.VENV / "kept").touch()
    (cw.VENV / "cw-stamp").write_text(other.format(venv=cw.VENV) + f"run {cw.digest('run')}\n")
    cw.prepare("run")
    assert installed == ["run", "run"]
    assert not (cw.VENV / "kept").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(cw, installed):
    cw.prepare("run")
    (cw.VENV / "bin/python").unlink()
    cw.prepare("run")
    assert installed == ["run", "run"]
    assert (cw.VENV / "bin/python").exists()


def test_an_environment_made_by_hand_is_kept(cw, installed):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", cw.VENV], check=True)
    (cw.VENV / "kept").touch()
    cw.prepare("run")
    assert installed == ["run"]
    assert (cw.VENV / "kept").exists()


def test_an_installation_that_failed_is_tried_again(cw, monkeypatch):
    def fail(kind):
        raise cw.LaunchError("no network")

    monkeypatch.setattr(cw, "install", fail)
    for _ in range(2):
        with pytest.raises(cw.LaunchError, match="no network"):
            cw.prepare("run")
        assert not cw.is_ready("run")


def test_a_linked_environment_is_used_as_it_stands(cw, installed, tmp_path):
    script(tmp_path / "shared/bin/python", "#!/bin/sh\n")
    cw.VENV.symlink_to(tmp_path / "shared")
    cw.prepare("dev")
    assert installed == []
    assert sorted(path.name for path in (tmp_path / "shared").rglob("*")) == ["bin", "python"]


def test_a_link_to_nothing_is_told(cw, installed, tmp_path):
    cw.VENV.symlink_to(tmp_path / "gone")
    with pytest.raises(cw.LaunchError, match="Remove the link"):
        cw.prepare("run")


def choose(cw, monkeypatch, *, works):
    """Let only those commands work whose text holds one of ``works``."""
    monkeypatch.setattr(cw, "has", lambda *command: any(word in " ".join(command) for word in works))
    monkeypatch.setattr(cw.shutil, "which", lambda name: f"/usr/bin/{name}")
    return cw.installer()


def test_pip_from_outside_comes_first(cw, monkeypatch):
    found = choose(cw, monkeypatch, works=["pip --python", "ensurepip", "uv --version"])
    assert found == [sys.executable, "-m", "pip", "--python", str(cw.VENV / "bin/python"), "install"]


def test_without_pip_the_environment_gets_its_own(cw, monkeypatch):
    assert choose(cw, monkeypatch, works=["ensurepip", "uv --version"]) == [
        str(cw.VENV / "bin/python"),
        "-m",
        "pip",
        "install",
    ]


def test_without_both_uv_installs(cw, monkeypatch):
    assert choose(cw, monkeypatch, works=["uv --version"]) == [
        "uv",
        "pip",
        "install",
        "--python",
        str(cw.VENV / "bin/python"),
    ]


def test_without_any_installer_the_way_out_is_told(cw, monkeypatch):
    with pytest.raises(cw.LaunchError, match="apt install python3-pip"):
        choose(cw, monkeypatch, works=[])


def play_pip(cw, monkeypatch, tmp_path, text):
    monkeypatch.setattr(cw, "installer", lambda: [script(tmp_path / "play/pip", f"#!/bin/sh\n{text}\n")])


def test_an_installation_shows_its_progress_and_its_end(cw, monkeypatch, tmp_path, capsys):
    lines = "echo Collecting one==1; echo Collecting two==2; echo Installing collected packages: one, two; sleep 0.3"
    play_pip(cw, monkeypatch, tmp_path, f'echo "$@" > {tmp_path}/arguments; {lines}')
    cw.install("run")
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Installing what Commonweal needs (2 packages) into .venv. This happens once."
    assert any(
        line.startswith("  50 % after ") for line in told[1:-1]
    )  # whoever looks early is told of 25 % first
    assert told[-1].startswith("Installed in ")
    arguments = (tmp_path / "arguments").read_text().split()
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(arguments)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
        ("[Errno 30] Read-only file system: '/x'", "cannot be written to"),
        ("Failed to establish a new connection: NewConnectionError", "cannot be reached"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the one that was checked"),
        ("SSLError: CERTIFICATE_VERIFY_FAILED", "certificate is not trusted"),
        ("ERROR: No matching distribution found for x==1", "not there for this computer"),
        ("something else", "The lines above say"),
    ],
)
def test_a_failed_installation_is_explained(cw, monkeypatch, tmp_path, capsys, said, sentence):
    play_pip(cw, monkeypatch, tmp_path, f'echo "{said}" >&2; exit 1')
    with pytest.raises(cw.LaunchError, match=sentence):
        cw.install("run")
    assert said in capsys.readouterr().err


def run(folder, *arguments, python=sys.executable, **environment):
    command = [python, str(folder / "cw"), *arguments]
    whole = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, env=whole, check=False)


def ready(cw, python):
    """An environment that passes for installed, with a Python of our own making."""
    script(cw.VENV / "bin/python", python)
    (cw.VENV / "cw-stamp").write_text(cw.stamp("dev"))


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (["test", "-k", "x"], "-m tools.lanes -k x"),
        (["lint"], "-m tools.lint"),
        (["bench", "journey"], "-m tools.bench journey"),
        (["conformance", "dmn", "--suite", "d"], "-m tools.conformance dmn --suite d"),
        (["demo", "--port", "1"], "-m commonweal.project.cli demo --port 1"),
        (["migrate"], "-m commonweal.project.cli migrate"),
    ],
)
def test_a_word_becomes_its_command_with_its_exit_code(cw, words, called):
    ready(cw, '#!/bin/sh\necho "$@"; echo "$PYTHONPATH"; exit 7\n')
    done = run(cw.ROOT, *words)
    assert (done.returncode, done.stdout.splitlines()[0], done.stderr) == (7, called, "")
    assert done.stdout.splitlines()[1].split(os.pathsep)[0] == str(cw.ROOT / "src")


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]])
def test_help_needs_no_installation(cw, words):
    done = run(cw.ROOT, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "./cw WORD" in done.stdout
    assert not cw.VENV.exists()


def test_a_python_too_old_is_told(cw, monkeypatch):
    monkeypatch.setattr(cw, "OLDEST", (99, 0))
    with pytest.raises(cw.LaunchError, match="needs Python"):
        cw.main(["demo"])


def test_a_problem_is_one_sentence_without_a_traceback(cw):
    cw.VENV.symlink_to("/nowhere")
    done = run(cw.ROOT, "demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "cw: .venv points to an environment that is not there. Remove the link and try again.\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_told(cw):
    cw.ROOT.chmod(0o555)
    done = run(cw.ROOT, "setup")
    cw.ROOT.chmod(0o755)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Permission denied" in done.stderr
