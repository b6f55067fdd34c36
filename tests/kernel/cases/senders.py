"""Sends applications and is killed in the middle of it; a program of its own, so that the kills hit nobody else.

    python -m tests.kernel.cases.senders HITS WITHIN_S SEED

Kills until so many have hit the sending, however busy the machine is, or the time is over. Prints one line of JSON: how
the kills fell, and what was found wrong afterwards.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from typing import Any

import django

WARM = 5


def publish() -> None:
    """Make the service that is applied for, and the team that works on it."""
    from tests.factories.people import AT, make_team

    from commonweal.kernel.base.types import Actor
    from commonweal.kernel.catalogue.actions import publish_folder

    publish_folder("food-assistance", by=Actor.system("tests"), at=AT)
    make_team(key="food-assistance")


def prepared() -> tuple[Any, Any]:
    """Fill in an application, by a resident of its own; return whose and which it is."""
    from tests.factories.people import AT, make_account, make_person, resident
    from tests.kernel.cases.conftest import food_answers

    from commonweal.kernel.forms.actions import answer_all, start_sheet

    by = resident(make_person(account=make_account(), email="resident@example.org"))
    started = start_sheet("food-assistance", by=by, at=AT)
    answer_all(started.sheet_id, food_answers(), revision=0, by=by, at=AT)
    return by, started.sheet_id


def send(by: Any, sheet_id: Any) -> None:
    from tests.factories.people import AT

    from commonweal.kernel.cases.actions import submit

    submit(sheet_id, applicant_id=by.person_ids[0], revision=1, by=by, at=AT)


def killed_while_sending(by: Any, sheet_id: Any, after_s: float) -> bool:
    """Fork a process that sends, kill it after a while; return whether it was killed before it had ended."""
    from django.db import connection

    connection.close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        connection.ensure_connection()
        os.write(writing, b"1")
        send(by, sheet_id)
        connection.close()
        os._exit(0)
    os.read(reading, 1)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    return os.WIFSIGNALED(status)


def state_of(sheet_id: Any) -> tuple[bool, list[str]]:
    """Return whether an application was sent, and what of it is there by halves."""
    from commonweal.kernel.awards.models import Award
    from commonweal.kernel.cases.models import Case
    from commonweal.kernel.decisions.models import Decision
    from commonweal.kernel.forms.models import Sheet
    from commonweal.kernel.jobs.models import Job
    from commonweal.kernel.ledger.queries import events_of, verify
    from commonweal.kernel.mailbox.actions import RENDER
    from commonweal.kernel.mailbox.models import Message

    sheet = Sheet.objects.get(pk=sheet_id)
    case = Case.objects.filter(sheet=sheet_id).first()
    is_sent = sheet.submitted_at is not None
    if (case is not None) is not is_sent:
        return is_sent, ["sheet and case disagree"]
    flaws = verify(sheet.stream)
    if case is None:
        return False, flaws
    message = Message.objects.filter(thread__stream=case.stream)
    whole = {
        "closed": case.status == "closed",
        "decided": Decision.objects.filter(stream=case.stream, pk=case.decision_id).count() == 1,
        "granted": Award.objects.filter(source_stream=case.stream).count() == 1,
        "letter": message.count() == 1,
        "letter's job": Job.objects.filter(unique_key=f"{RENDER}:{message.get().pk}").exists(),
        "entries": [event.type for event in events_of(case.stream)].count("cases.closed") == 1,
    }
    return True, [*flaws, *verify(case.stream), *(name for name, is_there in whole.items() if not is_there)]


def main(wanted: int, within_s: int, seed: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    dice = random.Random(seed)
    publish()
    whole = [prepared() for _ in range(WARM)]
    begun = time.perf_counter()
    for by, sheet_id in whole:
        send(by, sheet_id)  # to know how long one takes
    usual_s = (time.perf_counter() - begun) / WARM
    killed, hits, until = [], 0, time.monotonic() + within_s
    while hits < wanted and time.monotonic() < until:
        killed.append(prepared())
        hits += killed_while_sending(*killed[-1], after_s=dice.uniform(0, 1.2 * usual_s))
    before = [state_of(sheet_id) for _, sheet_id in killed]
    for by, sheet_id in killed:
        send(by, sheet_id)  # a resident tries again
    after = [state_of(sheet_id) for _, sheet_id in (*whole, *killed)]
    found = {
        "kills": len(killed),
        "hits": hits,
        "sent": sum(is_sent for is_sent, _ in before),
        "flaws": [flaw for _, flaws in (*before, *after) for flaw in flaws],
        "unsent": sum(not is_sent for is_sent, _ in after),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
