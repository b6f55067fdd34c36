"""The gallery: every component on one page, as residents and officers see it, and where its reference comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpResponse

from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone

COMPONENTS = Path(__file__).parent / "jinja2" / "base" / "components"
FACES = ("page", "workbench")

_MACRO = re.compile(
    r"\{#- (?P<signature>[a-z]\w*\(.*?\))\n(?P<about>.*?)-#\}\s*\{% macro (?P<name>[a-z]\w*)\(", re.DOTALL
)
_ANY_MACRO = re.compile(r"\{% macro ([a-z]\w*)\(")

_PSEUDO = str.maketrans("aceinosuyACEINOSUY", "áçéîñöšûýÁÇÉÎÑÖŠÛÝ")


@dataclass(frozen=True)
class Component:
    """A macro of ``base/components``.

    Attributes:
        name: As pages call it.
        file: Where it is defined, without ending.
        signature: Arguments with their types and defaults.
        about: What it is for.
    """

    name: str
    file: str
    signature: str
    about: str


def components() -> list[Component]:
    """Return every component macro, by file and then in the order of the file.

    Raises:
        ValueError: A macro has no comment that gives its signature.
    """
    found = []
    for path in sorted(COMPONENTS.glob("*.html")):
        text = path.read_text()
        told = [
            Component(
                match["name"],
                path.stem,
                match["signature"],
                " ".join(line.strip() for line in match["about"].strip().splitlines()),
            )
            for match in _MACRO.finditer(text)
        ]
        missing = set(_ANY_MACRO.findall(text)) - {component.name for component in told}
        if missing:
            raise ValueError(f"{path.name}: no comment with a signature above {', '.join(sorted(missing))}")
        found += told
    return found


def reference() -> str:
    """Return the text of ``docs/reference/components.md``."""
    lines = [
        "# Components",
        "",
        "Written by `python -m tools.components` from the comments above each macro; `/gallery` shows them all.",
        "",
        'A page extends `base/page.html` (residents) or `base/workbench.html` (officers), writes `{% import "base/ui.html"',
        'as ui %}` and calls `{{ ui.button(_("Continue")) }}`. Its blocks are `title`, `head`, `before_main` (breadcrumbs or back',
        "link), `main` and `after_main`. Inside `main`, plain headings, paragraphs, lists and links are styled without a class.",
        "Pass `errors` (a mapping of field id to message) to the template and the page's title says so too.",
        "",
        "Layout classes: `cw-reading` (a column for reading and forms), `cw-columns` with `cw-column` and `cw-aside` (text beside",
        "something), `cw-section`, `cw-lead`, `cw-caption` (a line above the h1), `cw-list`, `cw-prose` (HTML made from",
        "Markdown), `cw-hero`, `cw-search` (a form of one field and its button), `cw-subtle`, `cw-reference` (reference numbers), `cw-numeric`.",
        "",
        "The slot `account`, a list of `{label, href, count?}`, stands at the top; navigation items of the face `footer` stand at the foot.",
    ]
    file = ""
    for component in components():
        if component.file != file:
            file = component.file
            lines += ["", f"## {file}"]
        lines += ["", f"`{component.signature}`", "", component.about]
    return "\n".join(lines) + "\n"


@route(allows=anyone, discloses=NOTHING)
def gallery(request: ActorRequest) -> HttpResponse:
    """Show every component; ``?dir=rtl`` turns the page around, ``?text=pseudo`` lengthens it, ``?face=workbench``."""
    pseudo = request.GET.get("text") == "pseudo"
    face = request.GET.get("face", "page")
    context = {
        "face": face if face in FACES else "page",
        "turned": request.GET.get("dir") == "rtl",
        "is_pseudo": pseudo,
        "components": components(),
        "say": stretched if pseudo else str,
    }
    return page(request, "base/gallery.html", context)


def stretched(text: str) -> str:
    """Return a text a third longer and with accents, as a translation could be."""
    return f"[{text.translate(_PSEUDO)}{' ·' * (len(text) // 6)}]"
