"""A person in front of a browser: does what people do, and checks every page on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import brotli

AXE = (Path(__file__).parent / "vendor/axe-core-4.14.0/axe.min.js").read_text()
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_PATIENCE_MS = 60_000
"""How long a page may take that draws its charts on a busy machine; nothing is measured by it."""

_PASSING = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=//localhost:)\d+'
)
"""What differs from visit to visit and tells axe nothing: tokens, ids in addresses, the port."""
_CLEAN: set[int] = set()
"""Pages on which axe found nothing."""

HEAVIEST_PAGE = 100_000
COMPRESSED = (".css", ".js", ".svg")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip

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
  const label = element.labels?.[0]?.innerText ?? element.getAttribute("aria-label") ?? element.innerText ?? "";
  return {
    name: label.trim(), tag: element.tagName.toLowerCase(),
    visible: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
      || Boolean(element.closest(".ds-field") && getComputedStyle(element.closest(".ds-field")).outlineStyle !== "none"),
  };
}"""

SCAN = ".webp"
"""Ending of what an officer types in from: a document that the page is about, no part of how it is made."""


@cache
def _compressed_size(body: bytes) -> int:
    """Size after brotli; nearly every page loads the same style sheet."""
    return len(brotli.compress(body))


@dataclass
class Visitor:
    """Somebody who visits the running site.

    Attributes:
        page: Playwright's page, for whatever the words here do not say.
        address: Of the running site, without a slash at its end.
        has_script: Whether JavaScript is on.
        album: Folder for a picture of every page visited; None where nobody asked for pictures.
        second_page: A page with JavaScript in a window of the same size, where axe looks at what this one shows;
            the page itself where JavaScript is on.
        ways: How the window shows pages: its width, light or dark, and so on.
        pages: What was visited, as (path, bytes over the wire).
        looks_closely: Whether axe looks at each page; set it to False where a journey repeats the pages of another.
    """

    page: object
    address: str
    has_script: bool
    album: Path | None
    second_page: object
    ways: dict[str, object] = field(default_factory=dict)
    pages: list[tuple[str, int]] = field(default_factory=list)
    looks_closely: bool = True
    _complaints: list[str] = field(default_factory=list)
    _responses: list[object] = field(default_factory=list)

    def __post_init__(self):
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
        self.page.get_by_role("heading", name=text, exact=True).wait_for(timeout=_PATIENCE_MS)
        self.page.wait_for_load_state("load", timeout=_PATIENCE_MS)
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
        with self.page.expect_navigation(timeout=_PATIENCE_MS):
            element.first.click(timeout=_PATIENCE_MS)
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
        self.page.wait_for_load_state("load", timeout=_PATIENCE_MS)
        self._weigh()
        if self.album is not None:
            self.picture(self.album)
        assert self._complaints == [], f"{self.path}: {self._complaints}"
        assert self.page.locator("h1").count() == 1, f"{self.path}: not one h1"
        assert self.page.locator("html").get_attribute("lang"), f"{self.path}: no language"
        if self.looks_closely:
            self._look_closely()

    def _look_closely(self):
        """Let axe look, unless it found nothing on the very same page before, shown in the very same way."""
        seen = (_PASSING.sub("", self.page.content()), *sorted(self.ways.items()))
        if hash(seen) in _CLEAN:
            return
        found = self.violations()
        assert not found, "\n".join([f"{self.path}: axe finds", *found])
        _CLEAN.add(hash(seen))

    def violations(self):
        """What axe finds, as readable lines."""
        page = self.page if self.has_script else self._copy()
        page.evaluate(AXE + ";undefined")
        found = page.evaluate(
            "options => axe.run(document, options).then(result => result.violations.flatMap("
            "rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)))",
            AXE_OPTIONS,
        )
        return list(found)

    def _copy(self):
        """The same page where axe can run, without the site's own scripts."""
        html = self.page.content()
        self.second_page.unroute_all()
        self.second_page.route(
            "**/*",
            lambda route: (
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
                if route.request.is_navigation_request()
                else route.abort()
                if route.request.resource_type == "script"
                else route.continue_()
            ),
        )
        self.second_page.goto(self.page.url)
        return self.second_page

    def _weigh(self):
        """Sum up what the page loaded, with static text as the server sends it: compressed by brotli."""
        from playwright.sync_api import Error as PlaywrightError

        total = 0
        for response in self._responses:
            is_scan = urlsplit(response.url).path.endswith(SCAN)
            if is_scan or not 200 <= response.status < 300:
                continue
            try:
                body = response.body()
            except PlaywrightError:  # the browser keeps no body of a page that was left meanwhile
                total += int(response.headers["content-length"])
                continue
            path = urlsplit(response.url).path
            total += _compressed_size(body) if path.endswith(COMPRESSED) else len(body)
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
        for page in {self.page, self.second_page}:
            page.set_viewport_size({"width": width, "height": 800})
        overflowing = self.page.evaluate(_OVERFLOWING)
        assert overflowing == [], f"{self.path} is wider than {width} pixels: {overflowing}"

    def looks_in(self, **media):
        """Change how the page is shown: ``color_scheme``, ``forced_colors``, ``media``, ``reduced_motion``."""
        self.ways |= media
        for page in {self.page, self.second_page}:
            page.emulate_media(**media)

    def tab_to(self, name, *, most=200):
        """Press Tab until what has this name has the focus; every stop on the way must be visible."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused["tag"] == "body":
                continue
            assert focused["visible"], f"{self.path}: the focus on '{focused['name']}' cannot be seen"
            if focused["name"] == name:
                return
        raise AssertionError(f"{self.path}: Tab does not reach '{name}'")
