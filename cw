#!/usr/bin/env python3
"""Commonweal's launcher: prepares everything it needs in `.venv`, then runs what you ask for.

It uses nothing but the standard library, so that a bare Debian 12 with `python3` and `pip` can run it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / os.environ.get("COMMONWEAL_VENV", ".venv")
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")

HELP = """\
Usage: ./cw WORD [options]

  demo               build the demo city, start it and print where to look; Ctrl-C stops it
  test [ARGS]        run all tests on both databases; with arguments, only what pytest is told
  lint               run every static check
  bench NAME         run one benchmark of benchmarks/
  conformance NAME [--suite DIR]
                     run the test suite of a standard; ends with `NAME: passed/total`
  coverage           say how much of engines and kernel the tests run; fails under 95 %
  mutation [NAME] [--sample N] [--seed S] [--full]
                     change the code in small ways and count what its tests notice
  setup [run|dev]    only install what the words above need
  help               print this page

Any other word goes to the `commonweal` command line: `./cw check`; `./cw words` lists them.
The first run installs the dependencies into .venv and takes about half a minute.
"""

# The words that need the tools of the people who build it, and the module that does the work.
BUILDERS = {
    "test": "tools.lanes",
    "lint": "tools.lint",
    "bench": "tools.bench",
    "conformance": "tools.conformance",
    "coverage": "tools.coverage",
    "mutation": "tools.mutation",
}

# What pip may say, and what it means to the person who waits.
REASONS = (
    ("No space left on device", "The disk is full. Make room and run the same command again."),
    ("Read-only file system", "This folder cannot be written to. Copy it to a disk that can."),
    ("Permission denied", f"{ROOT} cannot be written to by you. Use a copy of your own."),
    ("DO NOT MATCH THE HASHES", "A package differs from the one that was checked. Do not use it; report it."),
    ("CERTIFICATE_VERIFY_FAILED", "The package index's certificate is not trusted here. Set PIP_CERT to your certificates."),
    ("name resolution|NewConnectionError|ConnectTimeout|Network is unreachable|connection broken|getaddrinfo",
     "The package index cannot be reached. Check the network, or set PIP_INDEX_URL to a mirror."),
    ("No matching distribution found", "A package is not there for this computer, or the package index cannot be reached."),
)  # fmt: skip


class LaunchError(Exception):
    """Something is missing; the message says what, and what to do."""


def digest(kind: str) -> str:
    """The hash of the pinned requirements of one kind: `run`, or `dev` which holds `run` too."""
    names = ("run",) if kind == "run" else ("run", "dev")
    return hashlib.sha256(
        b"".join((ROOT / f"requirements/{name}.txt").read_bytes() for name in names)
    ).hexdigest()


def place() -> str:
    """Where the environment is and which Python made it; another place or Python needs a new one."""
    return f"{VENV}\n{sys.version_info[0]}.{sys.version_info[1]}\n"


def stamp(kind: str) -> str:
    """What `.venv/cw-stamp` says when `kind` is installed."""
    return f"{place()}{kind} {digest(kind)}\n"


def is_ready(kind: str) -> bool:
    """Whether the environment holds what `kind` needs."""
    try:
        found = (VENV / "cw-stamp").read_text()
    except OSError:
        return False
    return (VENV / "bin/python").exists() and found in (stamp(kind), stamp("dev"))


def has(*command: str) -> bool:
    """Whether a command can be run and succeeds."""
    try:
        return (
            subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode
            == 0
        )
    except OSError:
        return False


def installer() -> list[str]:
    """The command that installs into the environment: pip from outside, pip inside, or uv."""
    python = str(VENV / "bin/python")
    if has(sys.executable, "-m", "pip", "--python", python, "--version"):
        return [sys.executable, "-m", "pip", "--python", python, "install"]
    if has(python, "-m", "ensurepip", "--default-pip"):
        return [python, "-m", "pip", "install"]
    if shutil.which("uv") and has("uv", "--version"):
        return ["uv", "pip", "install", "--python", python]
    raise LaunchError(
        "pip is missing. On Debian or Ubuntu: sudo apt install python3-pip. Then run the same command again."
    )


def reason(output: str) -> str:
    """A clear sentence for what went wrong in an installation."""
    for pattern, sentence in REASONS:
        if re.search(pattern, output, re.IGNORECASE):
            return sentence
    return "The lines above say what went wrong."


class Progress:
    """Shows how far an installation is: one moving line on a terminal, a line each quarter elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.label, self.fetched, self.told = max(total, 1), "", 0, 0
        self.moving, self.begun = sys.stdout.isatty(), time.monotonic()

    def see(self, line: str) -> None:
        """Take in one line of pip's or uv's output."""
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if found:
            self.fetched, self.label = self.fetched + 1, found.group(1)
        elif line.startswith("Installing collected"):
            self.label = "unpacking"

    def percent(self) -> int:
        """Half for what was fetched, half for what lies in the environment."""
        unpacked = len(list(VENV.glob("lib/python*/site-packages/*.dist-info")))
        return min(
            99,
            50 * min(self.fetched, self.total) // self.total + 50 * min(unpacked, self.total) // self.total,
        )

    def show(self) -> None:
        """Draw the present state."""
        share = self.percent()
        if self.moving:
            wheel = "|/-\\"[int(time.monotonic() * 8) % 4]
            sys.stdout.write(
                f"\r{wheel} Installing {self.total} packages: {share:3d} % {self.label[:30]:30s}"
            )
        elif share >= self.told + 25:
            self.told = share // 25 * 25
            sys.stdout.write(f"  {self.told} % after {time.monotonic() - self.begun:.0f} s\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Clear the moving line."""
        if self.moving:
            sys.stdout.write("\r" + " " * 70 + "\r")


def install(kind: str) -> None:
    """Install the pinned requirements, each checked against its hash.

    Raises:
        LaunchError: The installation failed; the message says why as far as the output tells.
    """
    listed = ROOT / f"requirements/{kind}.txt"
    total = len(
        {m.lower() for m in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", listed.read_text(), re.MULTILINE)}
    )
    command = [*installer(), "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(listed)]
    if command[0] != "uv":
        command += ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    print(
        f"Installing what Commonweal needs ({total} packages) into {VENV.name}. This happens once.",
        flush=True,
    )
    lines, progress = [], Progress(total)
    environment = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:

        def read() -> None:
            for line in process.stdout:
                lines.append(line)
                progress.see(line.strip())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while process.poll() is None:
            progress.show()
            time.sleep(0.1)
        reader.join()
    progress.end()
    if process.returncode != 0:
        output = "".join(lines)
        sys.stderr.write("".join(lines[-8:]))
        raise LaunchError(reason(output))
    print(f"Installed in {time.monotonic() - progress.begun:.0f} s.", flush=True)


def make_environment() -> None:
    """Make a new, empty environment.

    Raises:
        LaunchError: Python cannot make one.
    """
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", "--without-pip", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        output = made.stdout + made.stderr
        sys.stderr.write(output[-500:])
        raise LaunchError(reason(output))


def is_usable(mark: Path) -> bool:
    """Whether the environment that is there can be kept: one made by hand, too, if its Python is this one."""
    same = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return (not mark.exists() or mark.read_text().startswith(place())) and has(
        str(VENV / "bin/python"), "-c", same
    )


def prepare(kind: str) -> None:
    """Make the environment hold what `kind` needs; do nothing when it does already.

    An environment that is a symbolic link belongs to somebody else: it is used as it stands.

    Raises:
        LaunchError: Something is missing that only a person can provide.
    """
    if VENV.is_symlink():
        if not (VENV / "bin/python").exists():
            raise LaunchError(
                f"{VENV.name} points to an environment that is not there. Remove the link and try again."
            )
        return
    if is_ready(kind):
        return
    with (ROOT / f"{VENV.name}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two launches at once: the second waits, then finds all done
        if is_ready(kind):
            return
        mark = VENV / "cw-stamp"
        if not is_usable(mark):
            make_environment()
        mark.write_text(place())  # an installation that is cut short is seen as one
        install(kind)
        mark.write_text(stamp(kind))


def newest_python() -> str | None:
    """A Python on the PATH that is new enough, when the one that runs this is not."""
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return next((found for name in NEWER if (found := shutil.which(name)) and has(found, "-c", check)), None)


def become(python: str, arguments: list[str], **environment: str) -> None:
    """Turn into another command, so that signals, terminal and exit code are the command's own."""
    os.execve(python, [python, *arguments], {**os.environ, **environment})


def main(arguments: list[str]) -> None:
    """Run one word."""
    if sys.version_info < OLDEST:
        better = newest_python()
        if better:
            become(better, [__file__, *arguments])
        raise LaunchError(
            f"Commonweal needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install a newer one."
        )
    word, *rest = arguments or ["help"]
    if word in ("help", "-h", "--help"):
        print(HELP, end="")
    elif word == "setup":
        prepare("dev" if rest == ["dev"] else "run")
    elif word in BUILDERS:
        prepare("dev")
        become(str(VENV / "bin/python"), ["-m", BUILDERS[word], *rest], PYTHONPATH=f"{ROOT / 'src'}:{ROOT}")
    else:
        prepare("run")
        become(
            str(VENV / "bin/python"),
            ["-m", "commonweal.project.cli", *arguments],
            PYTHONPATH=str(ROOT / "src"),
        )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LaunchError as problem:
        sys.exit(f"cw: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{error}\ncw: {reason(str(error))}")
