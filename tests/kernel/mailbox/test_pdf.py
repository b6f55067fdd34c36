from __future__ import annotations

import re
import zlib
from dataclasses import replace

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.mailbox.conftest import AT

from commonweal.kernel.base.typesetting import amounts_apart, literal
from commonweal.kernel.mailbox.markup import to_html, to_typst
from commonweal.kernel.mailbox.pdf import Sheet, letter_pdf

BODY = """\
You get **$120** a *month*, `code`.
Second line\\
third line ![a picture](x.png)

# First

1. Do [this](https://example.org/?a=b&c="d").
2. And that

### Deeper

- a

  second paragraph
- b

## Beside

| A | B |
|---|--:|
| 1 | 2 |

> quoted #text $x$ @y

---

    indented
"""
SHEET = Sheet(
    language="en",
    sender=("City of Port Alder", "Human Services"),
    receiver=("Ada", "1 Rd"),
    date="September 15, 2026",
    reference="Reference: X",
    subject='Your "award" #1',
    body=BODY,
    page_label="Page",
    sent_at=AT,
    logo='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>',
)


def inside(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return pdf + b"\n".join(unpacked)


def test_pdf_is_tagged_has_title_and_language() -> None:
    content = inside(letter_pdf(SHEET))

    assert content.startswith(b"%PDF")
    assert b"pdfuaid:part>1<" in content
    assert re.search(rb"/Lang\s*\(en", content)
    assert b"/MarkInfo" in content
    for tag in (b"/H1", b"/H2", b"/H3", b"/L", b"/LI", b"/Table", b"/TH", b"/TD", b"/Link", b"/BlockQuote"):
        assert b"/S " + tag in content or b"/S" + tag in content, tag
    assert b"Your &quot;award&quot; #1" in content or b'Your "award" #1' in content


def test_pdf_is_the_same_each_time() -> None:
    assert letter_pdf(SHEET) == letter_pdf(SHEET)


def test_pdf_is_written_from_right_to_left() -> None:
    sheet = replace(
        SHEET, language="ar", subject="بطاقة المكتبة", body="مرحبا \u2068Ada\u2069", logo="", reference=""
    )
    content = inside(letter_pdf(sheet))

    assert re.search(rb"/Lang\s*\(ar", content)
    assert b"DejaVu" in content


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("مبلغ $722.00 شهر", "مبلغ \u2066$722.00\u2069 شهر"),
        ("مبلغ \u200f1,722.50\u00a0US$.", "مبلغ \u20661,722.50\u00a0US$\u2069."),
        ("-\u200f5\u00a0US$، US$12,000", "\u2066-5\u00a0US$\u2069، \u2066US$12,000\u2069"),
        ("\u2066$5\u2069 \u2068(A $5)\u2069", "\u2066$5\u2069 \u2068(A $5)\u2069"),
        ("مادة 5، 10 شهر", "مادة 5، 10 شهر"),
    ],
)
def test_amounts_keep_their_order_in_a_letter_from_right_to_left(text: str, apart: str) -> None:
    assert amounts_apart(text, "ar") == apart
    assert amounts_apart(text, "en") == text
    assert to_typst(amounts_apart(text, "ar")) == f"#par[#{literal(apart)}]\n"


def test_headings_leave_no_level_out() -> None:
    assert re.findall(r"<h(\d)>", to_html(BODY)) == ["2", "3", "3"]
    assert re.findall(r"<h(\d)>", to_html("#### a\n\n# b\n\n##### c", top=3)) == ["3", "3", "4"]
    assert re.findall(r"level: (\d)", to_typst("# a\n\n###### b\n\n## c")) == ["2", "3", "3"]


def test_html_shows_raw_html_as_text_and_disarms_links() -> None:
    html = to_html("<script>x</script> [a](javascript:alert) [b](/relative) [c](mailto:a@example.org)")

    assert "<script>" not in html
    assert "javascript:" not in html.replace("(javascript:alert)", "")
    assert 'href="#"' in html
    assert 'href="mailto:a@example.org"' in html
    assert "style=" not in to_html("| a |\n|--:|\n| b |")


def test_figures_stand_at_the_end_of_their_column_on_the_page_and_on_paper():
    table = "| Line | Amount |\n|---|--:|\n| Tax | $853.00 |"

    assert to_html(table).count('class="cw-numeric"') == 2
    assert to_typst(table).startswith("#table(columns: (1fr, auto,),table.header([")
    assert to_typst(table).count("table.cell(align: end)[") == 2
    assert to_typst("| a | b |\n|---|---|\n| 1 | 2 |").startswith("#table(columns: 2,")
    assert letter_pdf(replace(SHEET, body=table)).startswith(b"%PDF-")


@pytest.mark.parametrize("text", ['"', "\\", "\n", "\u2068", "#x", "é", "]"])
def test_literal_escapes(text: str) -> None:
    assert letter_pdf(replace(SHEET, subject=f"a{text}b", body=literal(text)))


@given(st.text(st.characters(max_codepoint=0x24F), max_size=80))
@settings(max_examples=40, deadline=None)
def test_any_markdown_becomes_a_pdf(text: str) -> None:
    assert letter_pdf(replace(SHEET, subject=f"a {text}", body=text)).startswith(b"%PDF")


def test_character_that_no_font_shows_is_printed_as_a_box() -> None:
    unassigned = "\U0003ffff\ue123"
    sheet = replace(SHEET, receiver=(f"A{unassigned}",), body=f"Dear {unassigned}")

    assert letter_pdf(sheet).startswith(b"%PDF")


def test_other_mistakes_are_not_hidden() -> None:
    with pytest.raises(typst.TypstError):
        letter_pdf(replace(SHEET, logo="this is no picture"))
