"""Work for the executors' tests: it is sent to other processes, so it lies in a module of its own."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path


def doubling():
    return lambda item: item * 2


def failing(bad):
    return partial(_fail, bad)


def _fail(bad, item):
    if item == bad:
        raise ValueError(f"row {item}")
    return item


class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def raising_odd():
    return _raise_odd


def _raise_odd(item):
    raise Odd(item, item)


def dying(folder, victim, times):
    return partial(_die, Path(folder), victim, times)


def _die(folder, victim, times, item):
    tried = len(list(folder.glob(f"{item}-*")))
    (folder / f"{item}-{tried}").touch()
    if item == victim and tried < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def no_setup():
    raise RuntimeError("no compiler here")


def batch_sum():
    return lambda batch: batch["n"].to_numpy().sum().item()


def same():
    return lambda item: item


def busy():
    def burn(item):
        return sum(number * number for number in range(item))

    return burn
