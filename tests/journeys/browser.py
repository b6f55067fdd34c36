"""A person in front of a browser: does what people do, and checks every page on the way."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import brotli
from playwright.sync_api import Error as PlaywrightError

AXE = (Path(__file__).parent / "vendor/axe-core-4.14.0/axe.min.js").read_text()
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PATIENCE_MS = 60_000
"""How long a page may take on a busy machine; nothing is measured by it."""

_PASSING = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=//localhost:)\d+'
)
"""What differs from visit to visit and tells axe nothing: tokens, ids in addresses, the port."""
_CLEAN: set[int] = set()
"""Pages on which axe found nothing."""

HEAVIEST_PAGE = 100_000
COMPRESSED = (".css", ".js", ".svg")
STATIC = "/static/"
_STATIC_WEIGHTS: dict[str, int] = {}
"""Of files that stand on nearly every page and never change: each is weighed once."""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip

_STRUCTURE = """() => {
  const root = document.documentElement;
  return [document.querySelectorAll("h1").length, root.lang, root.outerHTML];
}"""
_OVERFLOWING = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const culprits = [...document.body.querySelectorAll("*")].filter((element) =>
    element.getClientRects().length
      && (element.getBoundingClientRect().right > width + 1 || element.scrollWidth > width));
  return culprits.map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(-8).concat("page");
}"""
_FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const place = element.getBoundingClientRect();
  const label = element.labels?.[0]?.innerText ?? element.getAttribute("aria-label") ?? element.innerText ?? "";
  return {
    name: label.trim().replace(/\\s+/g, " "), tag: element.tagName.toLowerCase(), id: element.id, turn: element.tabIndex,
    inWindow: place.width > 0 && place.height > 0 && place.bottom > 0 && place.top < innerHeight,
    visible: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
      || Boolean(element.closest(".ds-field") && getComputedStyle(element.closest(".ds-field")).outlineStyle !== "none"),
  };
}"""

SCAN = ".webp"
"""Ending of what an officer types in from: a document that the page is about, no part of how it is made."""


def _weight(response):
    """Bytes of one answer over the wire."""
    path = urlsplit(response.url).path
    if path.endswith(SCAN):
        return 0
    if path.startswith(STATIC):
        if path not in _STATIC_WEIGHTS:
            _STATIC_WEIGHTS[path] = _sent(response, path)
        return _STATIC_WEIGHTS[path]
    return _sent(response, path)


def _sent(response, path):
    try:
        body = response.body()
    except PlaywrightError:  # the browser keeps no body of a page that was left meanwhile
        return int(response.headers["content-length"])
    return len(brotli.compress(body)) if path.endswith(COMPRESSED) else len(body)


@dataclass
class Visitor:
    """Somebody who visits the running site.

    Attributes:
        page: Playwright's page, for whatever the words here do not say.
        address: Of the running site, without a slash at its end.
        has_script: Whether JavaScript is on.
        album: Folder for a picture of every page visited; None where nobody asked for pictures.
        ways: How the window shows pages: its width, light or dark, and so on.
        pages: What was visited, as (path, bytes over the wire).
        looks_closely: Whether axe looks at each page; set it to False where a journey repeats the pages of another.
    """

    page: object
    address: str
    has_script: bool
    album: Path | None
    ways: dict[str, object] = field(default_factory=dict)
    pages: list[tuple[str, int]] = field(default_factory=list)
    looks_closely: bool = True
    _complaints: list[str] = field(default_factory=list)
    _responses: list[object] = field(default_factory=list)
    _protocol: object | None = None

    def __post_init__(self):
        if self.has_script:  # once a window: sending it to each page takes five times as long
            self.page.add_init_script(AXE)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._complaints.append(f"script error: {error}"))
        self.page.on("response", lambda response: self._responses.append(response))  # noqa: PLW0108 - Playwright marks its handlers, and cannot mark a built-in

    def _note(self, message):
        is_answer = message.text.startswith(
            "Failed to load resource: the server responded with a status of 4"
        )
        if message.type in {"error", "warning"} and not is_answer:
            self._complaints.append(f"{message.type}: {message.text}")

    def visit(self, path, *, status=200):
        """Go to a page, and check it."""
        self._responses.clear()
        response = self.page.goto(f"{self.address}{path}")
        assert response.status == status, f"{path}: {response.status}"
        self.check()

    def fill(self, label, text):
        """Type into the field with this label, instead of what was there."""
        self.page.get_by_label(label, exact=True).fill(text)

    def fill_date(self, legend, *, year, month, day):
        """Type a date into the three inputs below this legend."""
        group = self.page.get_by_role("group", name=legend)
        for part, value in (("Month", month), ("Day", day), ("Year", year)):
            group.get_by_label(part, exact=True).fill(str(value))

    def choose(self, label, *, of=None):
        """Choose a radio button or tick a box, if need be within the group of this legend."""
        within = self.page.get_by_role("group", name=of) if of else self.page
        within.get_by_label(label, exact=True).check(force=True)  # the label lies over its box

    def select(self, label, choice):
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=choice)

    def press(self, name):
        """Press a button, and check the page that follows."""
        self._follow(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name):
        """Follow a link, and check the page that follows."""
        self._follow(self.page.get_by_role("link", name=name))

    def await_heading(self, text):
        """Wait until the page, which goes on by itself, shows this heading and all of its pictures; then check it."""
        self.page.get_by_role("heading", name=text, exact=True).wait_for(timeout=PATIENCE_MS)
        self.page.wait_for_load_state("load", timeout=PATIENCE_MS)
        self._responses.clear()
        self.check()

    def back(self):
        """Press the browser's Back button, and check the page."""
        self._responses.clear()
        self.page.go_back()
        self.check()

    def enter(self, name):
        """Reach this button or link by Tab, press Enter, and check the page that follows."""
        self.tab_to(name)
        self._responses.clear()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.check()

    def _follow(self, element):
        self._responses.clear()
        with self.page.expect_navigation(timeout=PATIENCE_MS):
            element.first.click(timeout=PATIENCE_MS)
        self.check()

    def sees(self, text):
        """Whether the text stands on the page."""
        return text in self.page.locator("body").inner_text()

    @property
    def path(self):
        """Path and query of the page."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def check(self):
        """Check the page as it stands: script and policy errors, weight, structure, accessibility; and take a picture where somebody wants one."""
        self.page.wait_for_load_state("load", timeout=PATIENCE_MS)
        self._weigh()
        if self.album is not None:
            self.picture(self.album)
        headings, language, html = self.page.evaluate(_STRUCTURE)
        assert self._complaints == [], f"{self.path}: {self._complaints}"
        assert headings == 1, f"{self.path}: not one h1"
        assert language, f"{self.path}: no language"
        if self.looks_closely:
            self._look_closely(html)

    def _look_closely(self, html):
        """Let axe look, unless it found nothing on the very same page before, shown in the very same way."""
        seen = (_PASSING.sub("", html), *sorted(self.ways.items()))
        if hash(seen) in _CLEAN:
            return
        found = self.violations()
        assert not found, "\n".join([f"{self.path}: axe finds", *found])
        _CLEAN.add(hash(seen))

    def violations(self):
        """What axe finds, as readable lines."""
        with contextlib.nullcontext() if self.has_script else self._script_for_axe_only():
            found = self.page.evaluate(
                "options => axe.run(document, options).then(result => result.violations.flatMap("
                "rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)))",
                AXE_OPTIONS,
            )
        return list(found)

    @contextlib.contextmanager
    def _script_for_axe_only(self):
        """Let axe run on this page, whose own scripts were never started and stay so.

        The protocol says what is disabled a window and a session, so that ours must take away what it has set itself.
        """
        if self._protocol is None:
            self._protocol = self.page.context.new_cdp_session(self.page)
        for is_disabled in (True, False):
            self._protocol.send("Emulation.setScriptExecutionDisabled", {"value": is_disabled})
        self.page.evaluate(AXE + ";undefined")
        yield
        self._protocol.send("Emulation.setScriptExecutionDisabled", {"value": True})

    def _weigh(self):
        """Sum up what the page loaded, with static text as the server sends it: compressed by brotli."""
        total = sum(_weight(response) for response in self._responses if 200 <= response.status < 300)
        self.pages.append((self.path, total))
        self._responses.clear()
        assert total < HEAVIEST_PAGE, f"{self.path} weighs {total} bytes"

    def picture(self, album):
        """Take a picture of the page as it stands."""
        album.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w]+", "-", self.path).strip("-") or "start"
        self.page.screenshot(path=album / f"{len(self.pages):02}-{name[:60]}.png", full_page=True)

    def narrows_to(self, width=320):
        """Look through a narrow window (400 % zoom of 1280 pixels), and find nothing cut off at its edge."""
        self.ways["width"] = width
        self.page.set_viewport_size({"width": width, "height": 800})
        overflowing = self.page.evaluate(_OVERFLOWING)
        assert overflowing == [], f"{self.path} is wider than {width} pixels: {overflowing}"

    def looks_in(self, **media):
        """Change how the page is shown: ``color_scheme``, ``forced_colors``, ``media``, ``reduced_motion``."""
        self.ways |= media
        self.page.emulate_media(**media)

    @property
    def focused(self):
        """What has the focus: its name, tag and id."""
        return self.page.evaluate(_FOCUSED)

    def tab_to(self, name, *, most=200):
        """Press Tab until what has this name has the focus; every stop on the way must be visible."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused["tag"] == "body":
                continue
            assert focused["visible"], f"{self.path}: the focus on '{focused['name']}' cannot be seen"
            assert focused["inWindow"], (
                f"{self.path}: '{focused['name']}' has the focus outside of the window"
            )
            assert focused["turn"] == 0, f"{self.path}: '{focused['name']}' comes out of turn"
            if focused["name"] == name:
                return
        raise AssertionError(f"{self.path}: Tab does not reach '{name}'")
