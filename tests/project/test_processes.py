from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from commonweal.project.demo import processes
from commonweal.project.demo.processes import Group, NotStarted, Program, accepts, free_port

SLEEPER = "import time, sys; print('ready', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
# A program with a child of its own, whose number it prints.
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen(['sleep', '60']); "
    "print(child.pid, flush=True); time.sleep(60)"
)


def python(name, code):
    return Program(name, [sys.executable, "-c", code])


@pytest.fixture
def group(tmp_path):
    made = Group(environment={"PYTHONPATH": os.pathsep.join(sys.path)}, logs=tmp_path / "log")
    yield made
    made.stop()


def has_written(group, *names):
    return lambda: all(group.log_of(name).stat().st_size for name in names)


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def eventually(condition, seconds=60):
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


def test_programs_share_one_group_that_is_not_ours(group):
    for name in ("first", "second"):
        group.start(python(name, SLEEPER))
    assert group.wait_until(has_written(group, "first", "second"), seconds=10)
    groups = {os.getpgid(process.pid) for process in group._running.values()}
    assert len(groups) == 1
    assert os.getpgrp() not in groups


def test_stopping_takes_children_of_programs_too(group):
    group.start(python("parent", PARENT))
    assert group.wait_until(has_written(group, "parent"), seconds=10)
    child = int(group.log_of("parent").read_text())
    assert not is_gone(child)
    group.stop()
    assert eventually(lambda: is_gone(child))
    assert group.fallen() == "parent"


def test_a_program_that_will_not_stop_is_ended_by_force(group, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE_S", 0.3)
    group.start(python("stubborn", STUBBORN))
    assert group.wait_until(has_written(group, "stubborn"), seconds=10)
    group.stop()
    assert group._running["stubborn"].returncode == -signal.SIGKILL


def test_a_program_that_ends_is_named_with_what_it_said(group):
    group.start(python("web server", "import sys; sys.exit('the port is gone')"))
    group.start(python("worker", SLEEPER))
    with pytest.raises(
        NotStarted, match=r"The web server ended by itself \(status 1\)\. It said: the port is gone"
    ):
        group.run(every_s=60, tick=lambda: None)


def test_a_program_that_is_not_there_is_told(group):
    group.start(Program("ghost", ["no-such-program"]))
    with pytest.raises(NotStarted, match="The ghost ended by itself"):
        group.wait_until(lambda: False, seconds=5)


def test_waiting_ends(group):
    group.start(python("quiet", SLEEPER))
    with pytest.raises(NotStarted, match="Nothing answers after 0 s"):
        group.wait_until(lambda: False, seconds=0.2)


def test_a_signal_ends_the_run_and_ticks_happen(group):
    kept = {number: signal.getsignal(number) for number in processes.SIGNALS}
    ticks = []
    try:
        group.stop_on_signals()
        group.start(python("quiet", SLEEPER))
        threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGTERM)).start()
        group.run(every_s=0.1, tick=lambda: ticks.append(1))
        assert ticks
        assert not group.wait_until(lambda: True, seconds=1)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def test_programs_end_with_a_supervisor_that_is_killed(tmp_path):
    code = (
        "import pathlib, sys, time\n"
        "from commonweal.project.demo.processes import Group, Program\n"
        f"group = Group(environment={{}}, logs=pathlib.Path({str(tmp_path)!r}))\n"
        f"group.start(Program('quiet', [sys.executable, '-c', {SLEEPER!r}]))\n"
        "group.wait_until(lambda: group.log_of('quiet').stat().st_size, seconds=10)\n"
        "print(group._running['quiet'].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment
    ) as supervisor:
        pid = int(supervisor.stdout.readline())
        assert not is_gone(pid)
        supervisor.kill()
    assert eventually(lambda: is_gone(pid))


def test_the_next_free_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert accepts(port)
        assert free_port(port) > port
        with pytest.raises(NotStarted, match=f"No port from {port} on is free"):
            free_port(port, tries=1)
    assert not accepts(port)
