"""Reads our PDFs back: their text, their tags, and the codes on their pages."""

from __future__ import annotations

import re
import zlib

import pypdfium2
import zxingcpp


def texts(pdf: bytes) -> list[str]:
    """The text of each page, in one line."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def marks(pdf: bytes, *, scale: float = 1.5, only_last: bool = False) -> list[str]:
    """What the QR code of each page says, read from its image."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[len(document) - 1]] if only_last else list(document)
    images = [page.render(scale=scale, grayscale=True).to_pil() for page in pages]
    return [found.text for image in images for found in zxingcpp.read_barcodes(image)]


def inside(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked."""
    unpacked = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            unpacked.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return pdf + b"\n".join(unpacked)
