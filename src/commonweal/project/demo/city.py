"""Where the practice city lies, with which settings it runs, and whether it is current. Imports no Django."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commonweal.project.demo.identities import PASSWORD

REPOSITORY = Path(__file__).resolve().parents[4]
OPENS_AT = datetime.fromisoformat("2026-09-15T09:00:00-07:00")
"""What the city's clocks show when it is started for the first time."""

_STYLE = frozenset({".css", ".js", ".svg", ".png", ".woff2", ".html", ".po", ".mo", ".pyc"})
"""Endings of files that change how the city looks, not what is in it."""


@dataclass(frozen=True)
class City:
    """A practice city on this disk.

    Attributes:
        home: Its folder: database, files, caught mails, secrets.
        code: The folder of the program.
        jurisdiction: The folder of its declarations.
    """

    home: Path
    code: Path
    jurisdiction: Path

    @classmethod
    def of_repository(cls) -> City:
        """Return the city of this clone."""
        home = Path(os.environ.get("COMMONWEAL_DEMO_HOME", str(REPOSITORY / "var" / "demo")))
        declared = os.environ.get("COMMONWEAL_JURISDICTION", str(REPOSITORY / "jurisdictions" / "port-alder"))
        return cls(home.resolve(), REPOSITORY / "src" / "commonweal", Path(declared).resolve())

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "city.sqlite3"

    @property
    def mails(self) -> Path:
        """Where the mail catcher puts what it caught."""
        return self.home / "mail"

    def is_built(self) -> bool:
        """Whether a city lies here, complete."""
        return self.database.exists() and self._stamp_file.exists()

    def is_current(self, size: str) -> bool:
        """Whether it was built by this code from these declarations, at this size."""
        return self.is_built() and self._stamp_file.read_text() == self._stamp(size)

    def raze(self) -> None:
        """Take away what was built; secrets stay."""
        self._stamp_file.unlink(missing_ok=True)
        self._elapsed_file.unlink(missing_ok=True)
        for suffix in ("", "-wal", "-shm", "-journal"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        for mail in self.mails.glob("*.eml"):
            mail.unlink()

    def complete(self, size: str) -> None:
        """Note that it has been built."""
        self._stamp_file.write_text(self._stamp(size))

    def has_current_styles(self) -> bool:
        """Whether styles and scripts were gathered since they changed last."""
        return self._styles_file.exists() and self._styles_file.read_text() == self._styles()

    def note_styles(self) -> None:
        """Note that styles and scripts have been gathered."""
        self._styles_file.write_text(self._styles())

    def _styles(self) -> str:
        folders = [self.jurisdiction / "theme", *sorted(self.code.rglob("static"))]
        return f"{fingerprint(folders, leave_out=frozenset())}\n"

    @property
    def _styles_file(self) -> Path:
        return self.home / "styles"

    def _stamp(self, size: str) -> str:
        return f"{size}\n{fingerprint([self.code, self.jurisdiction])}\n"

    @property
    def _stamp_file(self) -> Path:
        return self.home / "built"

    @property
    def _elapsed_file(self) -> Path:
        return self.home / "elapsed"

    def opens_at(self) -> datetime:
        """Return what its clocks show when it is started now: time stands still while it is stopped."""
        try:
            elapsed = timedelta(seconds=max(0, int(self._elapsed_file.read_text())))
        except (OSError, ValueError):
            elapsed = timedelta()
        return OPENS_AT + elapsed

    def note_time(self, at: datetime) -> None:
        """Keep what its clocks show, so that nothing seems to lie in the future after the next start."""
        self._elapsed_file.write_text(f"{int((at - OPENS_AT).total_seconds()) + 1}\n")

    def environment(self, booted_at: datetime | None = None) -> dict[str, str]:
        """Return the settings that every process of the city shares, with secrets of its own.

        Args:
            booted_at: When its clocks began to run; all processes of one start share it.
        """
        return self._secrets() | {
            "COMMONWEAL_DEMO": "yes",
            "COMMONWEAL_DEMO_PASSWORD": PASSWORD,
            "COMMONWEAL_VAR": str(self.home),
            "COMMONWEAL_MAIL_FROM": "City of Port Alder <no-reply@port-alder.example>",
            "COMMONWEAL_DATABASE": f"sqlite:///{self.database}",
            "COMMONWEAL_JURISDICTION": str(self.jurisdiction),
            "COMMONWEAL_CLOCK_START": self.opens_at().isoformat(),
            "COMMONWEAL_BOOTED_AT": (booted_at or datetime.now(UTC)).isoformat(),
        }

    def _secrets(self) -> dict[str, str]:
        """Return secrets that exist on this disk only; they are made when first asked for."""
        path = self.home / "secret"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            keys = ",".join(f"{name}:{_key()}" for name in ("index", "practice"))
            lines = f"COMMONWEAL_SECRET_KEY={secrets.token_urlsafe(48)}\nCOMMONWEAL_KEYS={keys}\n"
            unfinished = path.with_name("secret.new")
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(lines)
            unfinished.replace(path)
        pairs = (line.partition("=") for line in path.read_text().splitlines())
        return {name: value for name, _, value in pairs}


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def fingerprint(folders: Iterable[Path], *, leave_out: frozenset[str] = _STYLE) -> str:
    """Return a hash of every file of these folders, its place and what it says.

    Args:
        folders: Read whole.
        leave_out: Endings of files that do not count.
    """
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in leave_out and path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
