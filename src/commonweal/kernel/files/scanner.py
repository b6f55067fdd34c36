"""Asks clamd whether a file is harmless.

Source: clamd(8), command INSTREAM.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from commonweal.kernel.files.enums import Scan
from commonweal.kernel.files.errors import ScannerDown
from commonweal.kernel.files.store import CHUNK_BYTES

TIMEOUT_S = 30.0


def scan(path: Path, address: str) -> Scan:
    """Return what clamd says of a file.

    Args:
        path: The file.
        address: ``host:port``, or the path of a Unix socket.

    Raises:
        ScannerDown: It does not answer, or neither yes nor no.
    """
    try:
        with _connect(address) as connection, path.open("rb") as file:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK_BYTES):
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
            answer = _read(connection)
    except OSError as error:
        raise ScannerDown from error
    if answer.endswith(" OK"):
        return Scan.CLEAN
    if answer.endswith(" FOUND"):
        return Scan.INFECTED
    raise ScannerDown(answer=answer)


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        connection.connect(address)
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), TIMEOUT_S)


def _read(connection: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and (part := connection.recv(4_096)):
        answer += part
    return answer.partition(b"\0")[0].decode("utf-8", errors="replace").strip()
