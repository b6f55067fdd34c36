"""The program that looks at scans, run here so that its lines count: it answers on the standard output."""

from __future__ import annotations

import io
import json
import resource
import sys
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from commonweal.kernel.paper import pictures


def coded(text: str) -> Image.Image:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    written = zxingcpp.write_barcode_to_image(code, scale=10)
    page = Image.new("L", (800, 1100), 255)
    page.paste(Image.fromarray(written), (100, 100))
    return page


def scan(kind: str, *pages: Image.Image) -> bytes:
    made = BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": list(pages[1:])} if kind == "PDF" else {}
    pages[0].save(made, format=kind, **more)
    return made.getvalue()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask the program inside this process, without its limits."""
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)

    def ask(what: str, content: bytes) -> bytes:
        out = BytesIO()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=BytesIO(content)))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
        pictures.main(what)
        return out.getvalue()

    return ask


@pytest.mark.parametrize(("kind", "pages"), [("PDF", 2), ("PNG", 1)])
def test_codes_and_pages_of_a_scan(asked: Any, kind: str, pages: int) -> None:
    content = scan(kind, *(coded(f"page {number}") for number in range(1, pages + 1)))
    told = json.loads(asked("look", content))
    assert told == {"pages": pages, "texts": [f"page {number}" for number in range(1, pages + 1)]}


@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_a_page_is_drawn_and_one_that_is_not_there_is_nothing(asked: Any, kind: str) -> None:
    content = scan(kind, coded("a"))
    assert Image.open(BytesIO(asked("1", content))).format == "WEBP"
    assert asked("2", content) == b""
