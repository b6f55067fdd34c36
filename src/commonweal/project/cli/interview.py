"""`commonweal interview KEY`: fill in a form in the terminal, question by question, over the API.

It knows nothing of any service: what it asks, and which answers fit, comes from the API. An assistant or a flow of text
messages works the same way.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

Json: TypeAlias = Any
Call: TypeAlias = Callable[[str, str, Json, Mapping[str, str]], tuple[int, Json]]
"""Sends method, path, body and headers; returns status and document."""

Answer: TypeAlias = Callable[[Mapping[str, Any], str], Json]
"""Takes a schema with its title, and what was wrong with the last answer; returns an answer."""

YES, NO = ("yes", "y", "sí", "si", "نعم"), ("no", "n", "لا")
OK, CREATED, INVALID = 200, 201, 422


class Refused(Exception):
    """The API did not do what was asked; the message says why."""


@dataclass
class Interview:
    """One run of a form.

    Attributes:
        call: Reaches the API.
        answer: Gives answers.
        say: Is told topics and progress.
        headers: Sent with each call.
    """

    call: Call
    answer: Answer
    say: Callable[[str], None]
    headers: dict[str, str] = field(default_factory=dict)

    def run(self, service: str) -> tuple[str, int]:
        """Ask every question that comes; return the draft's id and revision, ready to be sent.

        Raises:
            Refused: The service is not offered, or asks for a file, which this cannot hand in.
        """
        form = self._ask("GET", f"/services/{quote(service)}/form")
        self.say(f"{form['name']}\n{form['purpose']}")
        draft = self._ask("POST", f"/services/{quote(service)}/drafts", {}, wanted=CREATED)
        if draft["token"]:
            self.headers["Draft-Token"] = draft["token"]
        here, topic = f"/drafts/{draft['id']}", ""
        asked = self._ask("GET", f"{here}/question")
        while asked["question"] is not None:
            question = asked["question"]
            if question["type"] == "file":
                raise Refused(f"{question['label']} This needs a file; go on in the browser.")
            if question["page_title"] != topic:
                topic = question["page_title"]
                self.say(
                    "\n".join(["", f"{topic} ({asked['page']}/{asked['pages']})", *question["guidance"]])
                )
            asked = self._answered(here, asked)
        return str(draft["id"]), int(asked["revision"])

    def send(self, draft: str, revision: int) -> str:
        """Send the draft; return the reference of the case.

        Raises:
            Refused: Nobody has signed in, or something is missing.
        """
        case = self._ask("POST", f"/drafts/{draft}/submit", {"revision": revision}, wanted=CREATED)
        return str(case["reference"])

    def _answered(self, here: str, asked: Json) -> Json:
        """Ask one question until its answer is taken; return where the draft stands then."""
        question = asked["question"]
        whole = [option["label"] for option in question["options"]]
        schema = question["answer_schema"] | {
            "title": question["label"],
            "description": question["hint"],
            "x-required": question["is_required"],
            "x-labels": whole,
        }
        problems: dict[str, str] = {}
        value: Json = None
        while True:
            value = self._value(question["key"], schema, value, problems)
            sent = {"answer": value, "revision": asked["revision"]}
            status, told = self.call("PUT", f"{here}/answers/{question['key']}", sent, self.headers)
            if status == OK:
                return told
            if status != INVALID:
                raise Refused(_said(told))
            problems = dict(told.get("fields") or {question["key"]: _said(told)})

    def _value(self, key: str, schema: Json, before: Json, problems: dict[str, str]) -> Json:
        if schema["type"] == "array" and schema["items"].get("type") == "object":
            return self._items(key, schema, before or [], problems)
        return self.answer(schema, next(iter(problems.values()), ""))

    def _items(self, key: str, schema: Json, before: list[Json], problems: dict[str, str]) -> list[Json]:
        """Ask about each of several things: first what is always asked, then what the API says is missing."""
        named = {path: text for path, text in problems.items() if path.startswith(f"{key}[")}
        for path, text in named.items():
            place, _dot, inner = path.removeprefix(f"{key}[").partition("].")
            before[int(place) - 1][inner] = self.answer(schema["items"]["properties"][inner], text)
        if named:
            return before
        items, inside = list(before), schema["items"]
        more = {"type": "boolean", "title": f"{schema['title']}: +1?", "x-required": True}
        least, most = schema.get("minItems", 0), schema.get("maxItems", 100)
        while len(items) < most and (
            len(items) < least or self.answer(more, next(iter(problems.values()), ""))
        ):
            items.append({name: self.answer(inside["properties"][name], "") for name in inside["required"]})
        return items

    def _ask(self, method: str, path: str, body: Json = None, *, wanted: int = OK) -> Json:
        status, told = self.call(method, path, body, self.headers)
        if status != wanted:
            raise Refused(_said(told))
        return told


def _said(problem: Json) -> str:
    parts = [problem.get(name, "") for name in ("title", "detail")] if isinstance(problem, dict) else []
    return " ".join(dict.fromkeys(part for part in parts if part)) or "The API did not answer as expected."


def read(text: str, schema: Mapping[str, Any]) -> Json:
    """Return what was typed as the JSON value that a schema asks for; a blank is null, what does not fit goes as it is.

    Example:
        >>> read("2", {"type": "string", "enum": ["rent", "own"]})
        'own'
        >>> read("1, 2", {"type": "array", "items": {"enum": ["a", "b"]}})
        ['a', 'b']
        >>> read("yes", {"type": "boolean"}), read("", {"type": "string"})
        (True, None)
    """
    clean = text.strip()
    if schema["type"] == "array":
        return [_chosen(part.strip(), schema["items"]["enum"]) for part in clean.split(",") if part.strip()]
    if not clean:
        return None
    if schema["type"] == "boolean":
        return True if clean.casefold() in YES else False if clean.casefold() in NO else clean
    return _chosen(clean, schema["enum"]) if "enum" in schema else clean


def _chosen(text: str, keys: list[str]) -> str:
    return keys[int(text) - 1] if text.isdecimal() and 0 < int(text) <= len(keys) else text


def typed(schema: Mapping[str, Any], problem: str) -> Json:
    """Ask somebody at the terminal."""
    if problem:
        print(f"! {problem}")
    if schema["type"] == "object":
        return {name: input(f"{schema.get('title', '')} {name}: ").strip() for name in schema["properties"]}
    print(schema.get("title", ""))
    if schema.get("description"):
        print(f"  {schema['description']}")
    keys = schema.get("enum") or (schema["items"]["enum"] if schema["type"] == "array" else [])
    for number, label in enumerate(schema.get("x-labels") or keys, start=1):
        if keys:
            print(f"  {number} {label}")
    return read(input("> "), schema)


def over_http(address: str, headers: Mapping[str, str]) -> Call:
    """Return what reaches the API of an installation."""

    def call(method: str, path: str, body: Json, more: Mapping[str, str]) -> tuple[int, Json]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{address}/api/v1{path}", data, method=method)  # noqa: S310 - http or https, see main
        for name, value in {"Content-Type": "application/json", **headers, **more}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - likewise
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return call


def main(argv: list[str]) -> int:
    """Run a form in the terminal; return 1 where it could not be gone through."""
    parser = argparse.ArgumentParser(
        prog="commonweal interview", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("service", help="key of a service, for example food-assistance")
    parser.add_argument("--at", default="http://127.0.0.1:8000", help="address of the installation")
    parser.add_argument("--language", default="en", help="BCP 47, for example es")
    options = parser.parse_args(argv)
    if not options.at.startswith(("http://", "https://")):
        parser.error("--at takes an address that begins with http:// or https://")
    headers = {"Accept-Language": options.language}
    token = os.environ.get("COMMONWEAL_TOKEN", "")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    interview = Interview(over_http(options.at.rstrip("/"), headers), typed, print)
    try:
        draft, revision = interview.run(options.service)
        if not token:
            print(f"\nEverything is answered. Draft {draft}; set COMMONWEAL_TOKEN to send it.")
            return 0
        print(f"\nSent. The reference is {interview.send(draft, revision)}.")
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except urllib.error.URLError as error:
        sys.stderr.write(f"{options.at} cannot be reached: {error.reason}\n")
        return 1
    return 0
