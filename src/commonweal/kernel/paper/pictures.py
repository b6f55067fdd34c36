"""Looks at scans: how many pages, which codes, a picture of a page. Runs as a process of its own, for files come from anybody.

A parent calls :func:`look` and :func:`picture`; they start this module as a program with bounded memory and time, so
that a file made to break a decoder breaks nothing else. Without the extra ``paper`` they return nothing, and an officer
types the code and opens the scan by hand.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

MOST_PAGES = 60
_PATIENCE_S = 30
_MOST_MEMORY = 1_500 * 1024 * 1024
_MOST_PIXELS = 60_000_000
_WIDTH = 1_240
_FOR_CODES = 2_000


@dataclass(frozen=True, slots=True)
class Looked:
    """What a scan holds.

    Attributes:
        pages: How many pages; no more than ``MOST_PAGES`` are looked at.
        texts: What QR codes on them say, in order.
    """

    pages: int
    texts: tuple[str, ...]


@cache
def can_look() -> bool:
    """Whether the extra ``paper`` is installed."""
    return all(find_spec(name) is not None for name in ("PIL", "pypdfium2", "zxingcpp"))


def look(content: BinaryIO) -> Looked | None:
    """Return what a scan holds; None where it cannot be read, or nothing is here to read it."""
    told = _ask("look", content)
    if told is None:
        return None
    found = json.loads(told)
    return Looked(found["pages"], tuple(found["texts"]))


def picture(content: BinaryIO, page: int) -> bytes | None:
    """Return a page, from 1, as WebP; None where there is none, or nothing is here to draw it."""
    return _ask(str(page), content) or None


def _ask(what: str, content: BinaryIO) -> bytes | None:
    if not can_look():
        return None
    command = [sys.executable, "-P", __file__, what]  # by its path: the program needs nothing else of ours
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and no argument comes from outside but a number
            command, input=content.read(), capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def _pages(content: bytes, *, width: int, only: int = 0) -> Iterator[Image]:
    """Draw the pages of a PDF, or the one of an image; of ``only`` that page."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - optional dependency

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    if not content.startswith(b"%PDF"):
        if only in {0, 1}:
            drawn = ImageOps.exif_transpose(Image.open(BytesIO(content)))
            drawn.thumbnail((width, 2 * width))
            yield drawn.convert("L")
        return
    import pypdfium2  # noqa: PLC0415 - optional dependency

    document = pypdfium2.PdfDocument(content)
    numbers = range(min(len(document), MOST_PAGES)) if not only else range(only - 1, min(only, len(document)))
    for number in numbers:
        page = document[number]
        longest = max(page.get_width() / width, page.get_height() / (2 * width))
        yield page.render(scale=1 / longest, grayscale=True).to_pil()


def _looked(content: bytes) -> bytes:
    import zxingcpp  # noqa: PLC0415 - optional dependency

    pages, texts = 0, []
    for drawn in _pages(content, width=_FOR_CODES):
        pages += 1
        texts += [
            found.text
            for found in zxingcpp.read_barcodes(
                drawn, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            )
        ]
    return json.dumps({"pages": pages, "texts": texts}).encode()


def _drawn(content: bytes, page: int) -> bytes:
    made = BytesIO()
    for drawn in _pages(content, width=_WIDTH, only=page):
        drawn.save(made, format="WEBP", quality=50, method=2)
    return made.getvalue()


def main(what: str) -> None:
    """Answer one question about the scan that comes on the standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_PATIENCE_S, _PATIENCE_S))
    content = sys.stdin.buffer.read()
    sys.stdout.buffer.write(_looked(content) if what == "look" else _drawn(content, int(what)))


if __name__ == "__main__":
    main(sys.argv[1])
