"""A browser without JavaScript, in a hundred lines: pages, links, forms, cookies."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin


class _Reader(HTMLParser):
    """Reads a page's text, links and forms with what stands in their fields."""

    def __init__(self):
        super().__init__()
        self.text, self.links, self.forms = [], [], []
        self._form = self._label = self._select = None
        self._area = None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self._form = {
                "action": attributes.get("action", ""),
                "fields": {},
                "buttons": {},
                "method": attributes.get("method"),
            }
            self.forms.append(self._form)
        elif tag in {"a", "button"}:
            self._label = (tag, attributes, [])
        elif self._form is not None:
            self._field(tag, attributes)

    def _field(self, tag, attributes):
        fields, name = self._form["fields"], attributes.get("name")
        if tag == "input" and name and attributes.get("type") in {"radio", "checkbox"}:
            if "checked" in attributes:
                fields.setdefault(name, []).append(attributes.get("value", "on"))
        elif tag == "input" and name:
            fields[name] = [attributes.get("value", "")]
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in attributes or self._select not in fields):
            fields[self._select] = [attributes.get("value", "")]
        elif tag == "textarea":
            self._area = name
            fields[name] = [""]

    def handle_data(self, data):
        self.text.append(data)
        if self._label:
            self._label[2].append(data)
        if self._area:
            self._form["fields"][self._area][0] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif self._label and tag == self._label[0]:
            kind, attributes, words = self._label
            said = " ".join("".join(words).split())
            if kind == "a":
                self.links.append((said, attributes.get("href", "")))
            elif self._form is not None:
                self._form["buttons"].setdefault(said, attributes.get("formaction", ""))
            self._label = None


class Browser:
    """Somebody who looks at pages, follows links and fills in forms."""

    def __init__(self, address):
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.url, self.content = address, b""

    def open(self, path, data=None):
        request = urllib.request.Request(urljoin(self.url, path), data=data, headers={"Referer": self.url})
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            failed = _Reader()
            failed.feed(error.read().decode())
            said = " ".join("".join(failed.text).split())
            raise AssertionError(f"{path}: {error.code} {said[:1500]}") from None
        with answer:
            self.url, self.content = answer.url, answer.read()
        self._page = _Reader()
        if answer.headers.get_content_type() == "text/html":
            self._page.feed(self.content.decode())

    @property
    def text(self):
        return " ".join("".join(self._page.text).split())

    def follow(self, words):
        """Follow the first link that says this."""
        found = [href for said, href in self._page.links if words in said]
        assert found, f"no link says '{words}' on {self.url}: {self._page.links}"
        self.open(found[0])

    def press(self, words, **answers):
        """Press the first button that says this; answers replace what stands in the form."""
        form = next(
            (form for form in self._page.forms if any(words in said for said in form["buttons"])), None
        )
        assert form is not None, (
            f"no button says '{words}' on {self.url}: {[f['buttons'] for f in self._page.forms]}"
        )
        wrong = set(answers) - set(form["fields"]) if not form["fields"] else set()
        assert not wrong
        action = (
            next(place for said, place in form["buttons"].items() if words in said)
            or form["action"]
            or self.url
        )
        fields = form["fields"] | {key: [value] for key, value in answers.items()}
        data = urlencode([(key, value) for key, values in fields.items() for value in values]).encode()
        self.open(action, data)
