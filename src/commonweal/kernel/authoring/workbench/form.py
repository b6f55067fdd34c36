"""The questions of a service on pages of their own: their order, texts, options and conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.authoring import actions, queries, questions
from commonweal.kernel.authoring.errors import DraftMoved, DraftNotFound, PlaceNotFound, TextRefused
from commonweal.kernel.authoring.models import Draft
from commonweal.kernel.authoring.questions import FILE, Outline
from commonweal.kernel.authoring.rules import may_edit
from commonweal.kernel.authoring.workbench.showing import told
from commonweal.kernel.base import clock
from commonweal.kernel.base.errors import CommonwealError, Invalid, Malformed
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route

_BOUNDED = frozenset({"number", "money", "group"})
_TEXTS = ("label", "hint", "short", "purpose", "when")
_PAGE_TEXTS = ("title", "guidance", "when")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PAGE_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")


@require_GET
@route(allows=may_edit, discloses=NOTHING)
def outline(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Show every page with its questions, to be put in order, added and taken away."""
    return _outline_page(request, _draft(request, draft_id))


def _draft(request: ActorRequest, draft_id: UUID) -> Draft:
    draft = queries.draft_for(draft_id, actor=request.actor)
    if FILE not in draft.files:
        raise DraftNotFound
    return draft


def _outline_page(
    request: ActorRequest, draft: Draft, *, error: CommonwealError | None = None
) -> HttpResponse:
    checked = queries.check(draft.service_key, draft.files)
    pages = questions.outline(draft.files[FILE])
    places = [
        each for one in pages for each in (one, *(inner for inner in one.inner if inner.type == "group"))
    ]
    context = {
        "draft": draft,
        "pages": [_shown(draft, one) for one in pages],
        "places": [{"value": "/".join(one.keys), "label": one.label} for one in places],
        "types": [{"value": kind, "label": str(label)} for kind, label in _types().items()],
        "seen": queries.fingerprint(draft.files[FILE]),
        "problems": [told(draft, one) for one in checked.of(FILE)],
        "typed": request.POST,
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
    }
    return page(request, "authoring/questions.html", context, status=error.status if error else 200)


def _shown(draft: Draft, one: Outline) -> dict[str, Any]:
    place = "/".join(one.keys)
    return {
        "place": place,
        "label": one.label,
        "kind": str(_types().get(one.type, one.type)),
        "when": one.when,
        "href": reverse("authoring:question", kwargs={"draft_id": draft.pk, "place": place}),
        "is_first": one.is_first,
        "is_last": one.is_last,
        "questions": [_shown(draft, inner) for inner in one.inner],
    }


def _types() -> dict[str, str]:
    return {
        "text": _("One line of text"),
        "long_text": _("Several lines of text"),
        "number": _("Number"),
        "money": _("Amount of money"),
        "date": _("Date"),
        "boolean": _("Yes or no"),
        "choice": _("One of several answers"),
        "choices": _("Any of several answers"),
        "email": _("E-mail address"),
        "phone": _("Telephone number"),
        "address": _("Address"),
        "group": _("Questions about each of several things"),
    }


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def arrange(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Move a page or question up or down, or take it away."""
    act, _blank, place = request.POST.get("act", "").partition(" ")
    keys = place.split("/")
    steps: dict[str, Callable[[str], str]] = {
        "up": lambda text: questions.move(text, keys, by=-1),
        "down": lambda text: questions.move(text, keys, by=1),
        "remove": lambda text: questions.remove(text, keys),
    }
    if act not in steps:
        raise Malformed
    return _changed(request, draft_id, steps[act])


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def add_page(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Add a page at the end."""
    key, title = (request.POST.get(name, "").strip() for name in ("page_key", "title"))
    wrong = {}
    if not _PAGE_KEY.fullmatch(key):
        wrong["page_key"] = _("Use small letters, digits and hyphens, such as your-home.")
    if not title:
        wrong["title"] = _("Write what stands above the page.")
    return _changed(request, draft_id, lambda text: questions.add_page(text, key=key, title=title), wrong)


@require_POST
@route(allows=may_edit, discloses=NOTHING)
def add_question(request: ActorRequest, draft_id: UUID) -> HttpResponse:
    """Add a question at the end of a page or group."""
    sent = {name: request.POST.get(name, "").strip() for name in ("place", "key", "kind", "label", "short")}
    wrong = {}
    if not _KEY.fullmatch(sent["key"]):
        wrong["key"] = _("Use small letters, digits and low lines, such as birth_date.")
    if sent["kind"] not in questions.TYPES:
        wrong["kind"] = _("Choose a kind.")
    for name in ("label", "short"):
        if not sent[name]:
            wrong[name] = _("Write it in one line.")

    def change(text: str) -> str:
        return questions.add_question(
            text,
            sent["place"].split("/"),
            key=sent["key"],
            kind=sent["kind"],
            label=sent["label"],
            short=sent["short"],
        )

    return _changed(request, draft_id, change, wrong)


def _changed(
    request: ActorRequest, draft_id: UUID, change: Callable[[str], str], wrong: dict[str, str] | None = None
) -> HttpResponse:
    draft = _draft(request, draft_id)
    if wrong:
        return _outline_page(request, draft, error=Invalid(wrong))
    try:
        _rewrite(request, draft, change)
    except (DraftMoved, PlaceNotFound, TextRefused) as error:
        return _outline_page(request, _draft(request, draft_id), error=error)
    return redirect("authoring:questions", draft_id=draft.pk)


def _rewrite(request: ActorRequest, draft: Draft, change: Callable[[str], str]) -> Draft:
    seen = request.POST.get("seen", "")
    return actions.rewrite(draft.pk, FILE, change, seen=seen, by=request.actor, at=clock.now())


@require_http_methods(["GET", "POST"])
@route(allows=may_edit, discloses=NOTHING)
def question(request: ActorRequest, draft_id: UUID, place: str) -> HttpResponse:
    """Show one page or question with all of its fields, and save them."""
    draft = _draft(request, draft_id)
    keys = place.split("/")
    if request.method == "GET":
        return _question_page(request, draft, keys)
    try:
        before = questions.found(draft.files[FILE], keys)
        values = _values(request, before) if len(keys) > 1 else _texts(request, _PAGE_TEXTS)
        saved = _rewrite(request, draft, lambda text: questions.change(text, keys, values))
    except (DraftMoved, Invalid) as error:
        return _question_page(request, _draft(request, draft_id), keys, error=error)
    return _question_page(request, saved, keys, is_saved=True)


def _texts(request: ActorRequest, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: request.POST[name].replace("\r\n", "\n").strip() for name in names if name in request.POST}


def _values(request: ActorRequest, before: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a question as they are to be written.

    Raises:
        Invalid: Options or a bound cannot be read.
    """
    values = _texts(request, _TEXTS)
    if "required" in request.POST:
        condition = request.POST.get("required_when", "").strip()
        values["required"] = {"no": False, "when": condition or None}.get(request.POST["required"])
    if "options" in request.POST:
        values["options"] = _options(request.POST["options"], before.get("options"))
    for name in ("min", "max"):
        if name in request.POST:
            values[name] = _number(name, request.POST[name].strip())
    if "that" in request.POST:
        values["valid"] = _rules(request, before.get("valid"))
    return values


def _options(sent: str, before: Any) -> list[dict[str, str]]:
    hints = {one.get("key"): one.get("hint", "") for one in before or [] if isinstance(one, dict)}
    rows = [line.partition("=") for line in sent.splitlines() if line.strip()]
    if any(not equals or not key.strip() or not label.strip() for key, equals, label in rows):
        raise Invalid({"options": _("Write one answer a line: its key, =, and what people read.")})
    return [
        {"key": key.strip(), "label": label.strip(), "hint": hints.get(key.strip(), "")}
        for key, _is, label in rows
    ]


def _number(name: str, sent: str) -> int | str | None:
    if not sent:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", sent):
        raise Invalid({name: _("Write a number.")})
    return sent if "." in sent else int(sent)


def _rules(request: ActorRequest, before: Any) -> list[dict[str, str]]:
    rest = [dict(one) for one in before or []][1:]
    that, message = (request.POST.get(name, "").strip() for name in ("that", "message"))
    if bool(that) != bool(message):
        raise Invalid(
            {
                "that" if message else "message": _(
                    "A rule needs both: what has to be true, and what to say if not."
                )
            }
        )
    return [{"that": that, "message": message}, *rest] if that else rest


def _question_page(
    request: ActorRequest,
    draft: Draft,
    keys: list[str],
    *,
    error: CommonwealError | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    text = draft.files[FILE]
    now = questions.found(text, keys)
    checked = queries.check(draft.service_key, draft.files)
    kind = str(now.get("type", ""))
    context = {
        "draft": draft,
        "keys": keys,
        "place": "/".join(keys),
        "kind": str(_types().get(kind, kind)),
        "is_page": len(keys) == 1,
        "field": {**_fields(now), **(request.POST.dict() if error else {})},
        "now": _fields(now),
        "has_options": kind in {"choice", "choices"},
        "has_bounds": kind in _BOUNDED,
        "more_rules": max(len(now.get("valid") or []) - 1, 0),
        "names": json.dumps(_names(text, keys), ensure_ascii=False),
        "seen": queries.fingerprint(text),
        "problems": [told(draft, one) for one in checked.of(FILE)],
        "is_saved": is_saved,
        "is_moved": isinstance(error, DraftMoved),
        "error": error,
        "errors": error.fields if isinstance(error, Invalid) else {},
    }
    return page(request, "authoring/question.html", context, status=error.status if error else 200)


def _fields(now: dict[str, Any]) -> dict[str, str]:
    """Return what stands in each field of the page."""
    required = now.get("required", True)
    rule = (now.get("valid") or [{}])[0]
    options = [one for one in now.get("options") or [] if isinstance(one, dict)]
    return {
        **{name: str(now.get(name) or "").strip() for name in (*_TEXTS, "title", "guidance")},
        "required": "when" if isinstance(required, str) else "yes" if required else "no",
        "required_when": required if isinstance(required, str) else "",
        "options": "\n".join(f"{one.get('key')} = {one.get('label')}" for one in options),
        "min": str(now.get("min", "")),
        "max": str(now.get("max", "")),
        "that": str(rule.get("that", "")).strip(),
        "message": str(rule.get("message", "")).strip(),
    }


def _names(text: str, keys: list[str]) -> list[dict[str, Any]]:
    """Return the names that a condition may use, for completion: what is asked before, and what is always known."""
    names: list[dict[str, Any]] = []
    for one in questions.outline(text):
        for inner in one.inner:
            entries = [{"name": each.keys[-1], "detail": each.label} for each in inner.inner]
            names.append({"name": inner.keys[-1], "detail": inner.label, "entries": entries})
            if list(inner.keys) == keys[:2]:
                return names + entries + _ALWAYS
        if list(one.keys) == keys[:1]:
            break
    return names + _ALWAYS


_ALWAYS: list[dict[str, Any]] = [
    {"name": "applicant", "entries": [{"name": "name"}, {"name": "birth_date"}]},
]
