"""What officers at the counter and on the phone see: find somebody, have their consent, begin."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonweal.kernel.base import clock
from commonweal.kernel.base.dates import sent_day
from commonweal.kernel.base.errors import Conflict, Invalid, TooManyRequests
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import address, long_date, moment
from commonweal.kernel.base.throttle import give_back, place_for
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.counter import actions, queries
from commonweal.kernel.counter.enums import Document, Way
from commonweal.kernel.counter.models import Assistance
from commonweal.kernel.counter.rules import may_help
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.people import queries as people

PURPOSE = "fill in a form for somebody who agreed"
_MOST_WRONG, _WITHIN_S = 20, 300


@require_GET
@route(allows=may_help, discloses=PURPOSE)
def desk(request: ActorRequest) -> HttpResponse:
    """Find a person, enter a code, or go on with somebody whom one helps."""
    return _desk(request)


def _desk(request: ActorRequest, *, error: Invalid | None = None) -> HttpResponse:
    words = request.GET.get("q", "")[:200].replace("\x00", "").strip()
    found = list(people.search_persons(words, actor=request.actor)) if words else []
    helps = list(queries.open_helps(officer=request.actor, at=clock.now()))
    cards = people.cards({*(each.pk for each in found), *(each.person_id for each in helps)})
    record_access(request.actor, cards, PURPOSE, at=clock.now())
    context = {
        "words": words,
        "found": [
            {
                "name": {"text": each.name, "href": address("counter:person", person_id=each.pk)},
                "born": _born(cards[each.pk].birth_date),
                "address": ", ".join(cards[each.pk].address),
            }
            for each in found
        ],
        "helps": [
            {
                "name": {
                    "text": cards[each.person_id].name,
                    "href": address("counter:help-given", assistance_id=each.pk),
                },
                "way": each.get_way_display(),
                "until": moment(each.ends_at),
            }
            for each in helps
        ],
        "typed": request.POST,
        "errors": error.fields if error else {},
    }
    return page(request, "counter/desk.html", context, status=error.status if error else 200)


def _born(day: date | None) -> str:
    return long_date(day) if day else _("not known")


@require_POST
@route(allows=may_help, discloses=PURPOSE)
def join(request: ActorRequest) -> HttpResponse:
    """Join somebody who has read out a code of their own; wrong ones are counted.

    A place is taken before the code is looked at, so that of many at once none goes uncounted; a right one gives it back.
    """
    place = place_for(f"counter.wrong_codes:{request.actor.id}", most=_MOST_WRONG, within_s=_WITHIN_S)
    if place is None:
        raise TooManyRequests
    try:
        assistance = actions.join(request.POST.get("code", "")[:40], by=request.actor, at=clock.now())
    except Invalid as error:
        return _desk(request, error=error)
    give_back(place)
    record_access(request.actor, [assistance.person_id], PURPOSE, at=clock.now())
    return redirect("cases:draft", sheet_id=assistance.sheet_id)


@require_POST
@route(allows=may_help, discloses=PURPOSE)
def register(request: ActorRequest) -> HttpResponse:
    """Take up somebody whom we do not know yet."""
    name, email = readable(request.POST.get("name", "")[:200]), request.POST.get("email", "").strip()[:254]
    wrong: dict[str, str] = {}
    born = None
    try:
        born = sent_day(request.POST.dict(), "birth_date")
    except Invalid as error:
        wrong |= error.fields
    if not name:
        wrong["name"] = _("Enter the name.")
    if "birth_date" not in wrong and (born is None or born > clock.today()):
        wrong["birth_date"] = _("Enter the date of birth, such as 31 3 1980.")
    if wrong or born is None:
        return _desk(request, error=Invalid(wrong))
    now, language = clock.now(), translation.get_language() or "en"
    person_id = actions.take_up(name, born, email, language=language, by=request.actor, at=now)
    record_access(request.actor, [person_id], PURPOSE, at=now)
    return redirect("counter:person", person_id=person_id)


@require_http_methods(["GET", "POST"])
@route(allows=may_help, discloses=PURPOSE)
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Compare a person with their record, choose what to fill in, and have their consent."""
    people.person(person_id, actor=request.actor)
    record_access(request.actor, [person_id], PURPOSE, at=clock.now())
    if request.method == "GET":
        return _person(request, person_id)
    try:
        begun = _begun(request, person_id)
    except (Invalid, Conflict) as error:
        return _person(request, person_id, error=error)
    if begun.sheet_id is None:
        return redirect("counter:help-given", assistance_id=begun.pk)
    return redirect("cases:draft", sheet_id=begun.sheet_id)


def _begun(request: ActorRequest, person_id: UUID) -> Assistance:
    """Begin as the page says.

    Raises:
        Invalid: Something is missing.
        ChannelNotOffered: The service does not take applications this way.
    """
    service, way = request.POST.get("service", ""), request.POST.get("way", "")
    wrong = {} if service else {"service": _("Choose a service.")}
    if way not in {Way.IN_PERSON, Way.CODE_SENT}:
        wrong["way"] = _("Say how the person agreed.")
    if wrong:
        raise Invalid(wrong)
    if way == Way.CODE_SENT:
        return actions.ask_by_phone(person_id, service, by=request.actor, at=clock.now())
    document = request.POST.get("document", "")
    return actions.begin_in_person(person_id, service, document=document, by=request.actor, at=clock.now())


def _person(
    request: ActorRequest, person_id: UUID, *, error: Invalid | Conflict | None = None
) -> HttpResponse:
    card = people.person_card(person_id)
    language = translation.get_language() or ""
    services = {
        each.key: each.name
        for channel in (Channel.COUNTER, Channel.PHONE)
        for each in queries.services_by(channel, language)
    }
    context = {
        "card": card,
        "facts": [
            {"label": _("Born"), "value": _born(card.birth_date)},
            {"label": _("Address"), "value": list(card.address) or _("not known")},
            {"label": _("E-mail"), "value": card.email or _("not known")},
        ],
        "services": [
            {"value": key, "label": name} for key, name in sorted(services.items(), key=lambda one: one[1])
        ],
        "documents": [{"value": key, "label": label} for key, label in Document.choices],
        "ways": [
            {"value": Way.IN_PERSON.value, "label": Way.IN_PERSON.label},
            {"value": Way.CODE_SENT.value, "label": Way.CODE_SENT.label},
        ],
        "typed": request.POST,
        "errors": error.fields if isinstance(error, Invalid) else {},
        "notice": f"{error} {error.next_step}" if isinstance(error, Conflict) else "",
    }
    return page(request, "counter/person.html", context, status=error.status if error else 200)


@require_GET
@route(allows=may_help, discloses=PURPOSE)
def help_given(request: ActorRequest, assistance_id: UUID) -> HttpResponse:
    """Show a help: whom, until when; enter the code where one was sent."""
    return _help(request, queries.assistance_for(assistance_id, actor=request.actor))


def _help(request: ActorRequest, found: Assistance, *, error: Invalid | None = None) -> HttpResponse:
    now = clock.now()
    record_access(request.actor, [found.person_id], PURPOSE, at=now)
    rows: list[dict[str, Any]] = [
        {"label": _("How they agreed"), "value": found.get_way_display()},
        {"label": _("By"), "value": found.get_channel_display()},
        {"label": _("Until"), "value": moment(found.ended_at or found.ends_at)},
    ]
    if found.document:
        rows.append({"label": _("Document seen"), "value": found.get_document_display()})
    context = {
        "help": found,
        "card": people.person_card(found.person_id),
        "rows": rows,
        "is_running": found.is_running(now),
        "awaits_code": found.given_at is None and found.ended_at is None and found.ends_at > now,
        "errors": error.fields if error else {},
    }
    return page(request, "counter/help_given.html", context, status=error.status if error else 200)


@require_POST
@route(allows=may_help, discloses=PURPOSE)
def code(request: ActorRequest, assistance_id: UUID) -> HttpResponse:
    """Enter the code that was sent and read out."""
    found = queries.assistance_for(assistance_id, actor=request.actor)
    try:
        given = actions.confirm_code(
            found.pk, request.POST.get("code", "")[:40], by=request.actor, at=clock.now()
        )
    except Invalid as error:
        return _help(request, found, error=error)
    record_access(request.actor, [given.person_id], PURPOSE, at=clock.now())
    return redirect("cases:draft", sheet_id=given.sheet_id)


@require_POST
@route(allows=may_help, discloses=NOTHING)
def end(request: ActorRequest, assistance_id: UUID) -> HttpResponse:
    """End a help."""
    actions.end(assistance_id, by=request.actor, at=clock.now())
    return redirect("counter:desk")
