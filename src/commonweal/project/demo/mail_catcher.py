"""Takes every e-mail that is sent to it and keeps it as a file; nothing leaves this computer.

python -m commonweal.project.demo.mail_catcher PORT FOLDER
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MAX_BYTES = 5_000_000
MAX_KEPT = 500


@dataclass(frozen=True)
class CaughtMail:
    """An e-mail as the page shows it.

    Attributes:
        key: Name of its file, without ending.
        sender: From whom.
        recipients: To whom.
        subject: What it says it is about.
        sent: Its date, as written.
        text: Its plain text.
    """

    key: str
    sender: str
    recipients: str
    subject: str
    sent: str
    text: str


class Keeper:
    """Receives what aiosmtpd hands over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail; the file appears complete or not at all."""
        content = envelope.original_content or envelope.content or b""
        name = f"{_written_at(content):%Y%m%dT%H%M%SZ}-{time.time_ns()}-{os.urandom(3).hex()}"
        unfinished = self._folder / f"{name}.new"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / f"{name}.eml")
        for old in _files(self._folder)[MAX_KEPT:]:
            old.unlink(missing_ok=True)
        return "250 Caught"


def _written_at(content: bytes) -> datetime:
    """When a mail says that it was written: those of the city's past come late, and belong below today's."""
    try:
        written = parsedate_to_datetime(str(message_from_bytes(content, policy=policy.compat32)["Date"]))
    except ValueError:
        return datetime.now(UTC)
    return written.astimezone(UTC) if written.tzinfo else written


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"), reverse=True)


def caught(folder: Path, *, limit: int = 50) -> Iterator[CaughtMail]:
    """Return the mails that were caught, the newest first."""
    for path in _files(folder)[:limit]:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        yield CaughtMail(
            key=path.stem,
            sender=str(mail["From"] or ""),
            recipients=str(mail["To"] or ""),
            subject=str(mail["Subject"] or ""),
            sent=str(mail["Date"] or ""),
            text=body.get_content().strip() if body is not None else "",
        )


async def serve(port: int, folder: Path) -> None:
    """Catch mails until SIGTERM or Ctrl-C."""
    keeper, stop, loop = Keeper(folder), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
    )
    async with server:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
