"""A pytest session that tries many mutants: everything is loaded once, each mutant lives in a fork of its own."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import FunctionType
from typing import NoReturn

import coverage
import pytest

from tools.mutation.mutants import Mutant

EXAMPLES = 25
"""Examples that Hypothesis tries where a test does not say how many, the same ones in each run."""

LEAST_SECONDS, LONGER = 5, 5
"""CPU seconds that a mutant has at least, and how many times longer than the original it may take."""

PATIENCE = 20
"""Seconds on the clock for each CPU second that a mutant has: others may use the processor too."""

MORE_MEMORY = 1 << 30
"""Bytes that a mutant may use beyond those of the process it comes from."""

KILLED, BROKEN = 1, 70


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    SUSPICIOUS = "suspicious"


class Trial:
    """The plug-in that takes pytest's loop over the tests into its own hands.

    Attributes:
        verdicts: Of each mutant, once the session is over.
        problem: Why there are none; empty otherwise.

    Args:
        package: Folder whose code is changed.
        mutants: In the order in which they are tried.
        wanted: How many that can run are tried.
        tell: Called now and then with what is known so far.
    """

    def __init__(
        self, package: Path, mutants: Iterator[Mutant], wanted: int, tell: Callable[[Trial], None]
    ) -> None:
        self.package, self.mutants, self.wanted, self.tell = package, mutants, wanted, tell
        self.verdicts: dict[Mutant, Verdict] = {}
        self.problem = ""
        self.failed = ""
        self.seconds: dict[str, float] = {}
        self.tests: dict[str, pytest.Item] = {}
        self.caches: list[functools._lru_cache_wrapper[object]] = []
        self.functions: list[FunctionType] = []
        self.reach = coverage.Coverage(
            data_file=None, branch=False, include=[f"{package}/*"], config_file=False
        )

    def pytest_configure(self) -> None:
        """Make Hypothesis quick and repeatable: no shrinking, no memory of earlier runs."""
        import hypothesis  # noqa: PLC0415 - pytest wants to be the first to import it

        hypothesis.settings.register_profile(
            "mutation",
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether a test failed."""
        if report.failed:
            self.failed = self.failed or report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once as they are, then for each mutant those that reach it."""
        self.tests = {item.nodeid: item for item in session.items}
        items = list(self.tests.values())
        self.caches = caches_of(self.package)
        self.reach.start()
        for item, after in zip(items, [*items[1:], items[0]], strict=True):
            self.reach.switch_context(item.nodeid)
            self.forget_results()  # else a test would seem not to reach what an earlier one has asked
            begun = time.process_time()  # not the clock's: others may use the processor too
            run(item, after)
            self.seconds[item.nodeid] = time.process_time() - begun
        self.reach.stop()
        if self.failed:
            self.problem = f"{self.failed} fails without any change"
            return True
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            self.try_all(session)
        return True

    def try_all(self, session: pytest.Session) -> None:
        """Try mutants until enough of them could be run."""
        begun = time.monotonic()
        self.functions = functions_of(str(self.package))
        gc.collect()
        gc.freeze()  # what a child does not touch, it need not copy
        for mutant in self.mutants:
            if len(self.verdicts) == self.wanted:
                break
            exchanges = mutant.exchanges()
            if not exchanges:
                continue
            tests = self.reaching(mutant)
            self.verdicts[mutant] = self.verdict(session, mutant, tests)
            if len(self.verdicts) % 25 == 0:
                beaten = sum(v in (Verdict.KILLED, Verdict.TIMEOUT) for v in self.verdicts.values())
                spent = time.monotonic() - begun
                print(f"{len(self.verdicts):5} tried, {beaten} killed, {spent:.0f} s", flush=True)
                self.tell(self)

    def reaching(self, mutant: Mutant) -> list[str]:
        """The tests that run the changed statement, quickest first."""
        first, last = mutant.file.statements.get(mutant.line, (mutant.line, mutant.line))
        by_line = self.reach.get_data().contexts_by_lineno(str(mutant.file.path))
        found = {test for line in range(first, last + 1) for test in by_line.get(line, []) if test}
        return sorted(found, key=lambda test: (self.seconds[test], test))

    def verdict(self, session: pytest.Session, mutant: Mutant, tests: list[str]) -> Verdict:
        """Try one mutant in a process of its own."""
        if not tests:
            return Verdict.UNREACHED
        limit = int(LEAST_SECONDS + LONGER * sum(self.seconds[test] for test in tests))
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            self.live_as(session, mutant, tests, limit)
        status = wait(child, PATIENCE * limit)
        if status is None:
            return Verdict.SUSPICIOUS  # it may only have waited for the processor
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            return Verdict.TIMEOUT
        code = os.waitstatus_to_exitcode(status)
        return {0: Verdict.SURVIVED, KILLED: Verdict.KILLED}.get(code, Verdict.SUSPICIOUS)

    def live_as(self, session: pytest.Session, mutant: Mutant, tests: list[str], limit: int) -> NoReturn:
        """In the child: become the mutant, run the tests until one fails, and end."""
        code = BROKEN
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            session.config.pluginmanager.unregister(name="terminalreporter")  # it writes past both
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            memory = (
                int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + MORE_MEMORY
            )
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            become(mutant, self.functions)
            self.forget_results()
            code = self.killed_by(session, [self.tests[test] for test in tests])
        finally:
            os._exit(code)

    def forget_results(self) -> None:
        """Empty all caches of the package."""
        for cache in self.caches:
            cache.cache_clear()

    def killed_by(self, session: pytest.Session, items: list[pytest.Item]) -> int:
        """Run tests until one fails; the exit code that says so."""
        # What the run without changes left set up belongs to another test; only the session's own stays.
        session._setupstate.teardown_exact(items[0])  # noqa: SLF001 - pytest has no public door to it
        for item, after in zip(items, [*items[1:], items[0]], strict=True):
            run(item, after)
            if self.failed:
                return KILLED
        return 0


def run(item: pytest.Item, after: pytest.Item) -> None:
    """Run one test as pytest does."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


def wait(child: int, seconds: float) -> int | None:
    """The status of a child that ended; None where it had to be stopped."""
    until = time.monotonic() + seconds
    pause = 0.002
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def become(mutant: Mutant, functions: list[FunctionType]) -> None:
    """Exchange the code of every function there is, closures and decorated ones included."""
    exchanges = mutant.exchanges()
    for function in functions:
        if code := exchanges.get(function.__code__):
            # A closure made earlier may hold fewer names than the new code wants: it stays as it is.
            with contextlib.suppress(ValueError):
                function.__code__ = code


def functions_of(place: str) -> list[FunctionType]:
    """Every function there is whose source lies at a place: a file or a folder."""
    return [
        thing
        for thing in gc.get_objects()
        # `isinstance` would wake Django's lazy objects, which answer for what they stand for.
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(place)
    ]


def caches_of(package: Path) -> list[functools._lru_cache_wrapper[object]]:
    """The caches of the package's functions, which would answer without running them."""
    return [
        thing
        for thing in gc.get_objects()
        if type(thing) is functools._lru_cache_wrapper  # noqa: SLF001 - the only name of that type
        and isinstance(thing.__wrapped__, FunctionType)
        and thing.__wrapped__.__code__.co_filename.startswith(str(package))
    ]
