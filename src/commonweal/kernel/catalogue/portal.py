"""The catalogue's pages for residents: the start page, the list of services, a service's page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from commonweal.kernel.base.jurisdiction import current, current_in
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import (
    Service,
    changes_in,
    history_of,
    life_events,
    live_services,
    offered_service,
    search_services,
    version_of,
)

_ON_START_PAGE = 6


@route(allows=anyone, discloses=NOTHING)
def home(request: ActorRequest) -> HttpResponse:
    """Show the start page: search, life events, services."""
    services = live_services(get_language() or "")
    used = {event for service in services for event in service.info.life_events}
    context = {
        "services": _cards(services[:_ON_START_PAGE]),
        "count": len(services),
        "check_url": _address("entitlements:check") if any(map(_can_check, services)) else "",
        "life_events": [
            {
                "title": event.name,
                "text": event.summary,
                "href": f"{reverse('catalogue:services')}?event={event.key}",
            }
            for event in life_events(get_language() or "")
            if event.key in used
        ],
    }
    return page(request, "catalogue/home.html", context)


@route(allows=anyone, discloses=NOTHING)
def services(request: ActorRequest) -> HttpResponse:
    """List services, by words and life event."""
    words = request.GET.get("q", "")[:200].replace("\x00", "").strip()
    events = {event.key: event for event in life_events(get_language() or "")}
    event = events.get(request.GET.get("event", ""))
    found = search_services(words, get_language() or "", life_event=event.key if event else "")
    context = {"words": words, "event": event, "services": _cards(found), "count": len(found)}
    return page(request, "catalogue/services.html", context)


@route(allows=anyone, discloses=NOTHING)
def service(request: ActorRequest, key: str) -> HttpResponse:
    """Show what a service is, who it is for, how long it takes, what it costs, what is needed, and the law.

    Raises:
        ServiceNotFound: No such service is offered.
    """
    found = offered_service(key, get_language() or "")
    info, translate = found.info, found.compiled.translator(get_language() or "")
    agency = next(agency for agency in current_in().agencies if agency.key == info.agency)
    context = {
        "service": found,
        "info": info,
        "translate": translate,
        "description": _paragraphs(translate(info.description)),
        "audience": _paragraphs(translate(info.audience)),
        "agency": agency,
        "email": info.contact.email or agency.email,
        "phone": info.contact.phone or agency.phone,
        "is_suspended": found.status is Status.SUSPENDED,
        "start_url": _address("cases:start", key),
        "statistics_url": _address("statistics:service", key),
        "check_url": _address("entitlements:service", key) if _can_check(found) else "",
        "paper_forms": _paper_forms(found),
    }
    return page(request, "catalogue/service.html", context)


@route(allows=anyone, discloses=NOTHING)
def history(request: ActorRequest, key: str) -> HttpResponse:
    """Show the versions of a service, and what changed with one of them: the newest, or the one asked for.

    Raises:
        ServiceNotFound: No such service or version was offered.
    """
    found = history_of(key)
    number = request.GET.get("version", "")
    shown = version_of(key, int(number) if number.isdecimal() and len(number) < 9 else found[0].number)
    context = {
        "key": key,
        "versions": found,
        "shown": shown,
        "changes": changes_in(shown),
        "is_first": shown.number == 1,
    }
    return page(request, "catalogue/history.html", context)


@route(allows=anyone, discloses=NOTHING)
def linked_data(request: ActorRequest, form: str) -> HttpResponse:
    """Hand out the whole catalogue as CPSV-AP, in Turtle or JSON-LD."""
    from commonweal.kernel.catalogue.rdf import catalogue_graph  # noqa: PLC0415 - rdflib is slow to load, and seldom used

    graph = catalogue_graph(
        live_services(), life_events(), current(), request.build_absolute_uri(reverse("catalogue:home"))
    )
    name, kind = {"ttl": ("turtle", "text/turtle"), "jsonld": ("json-ld", "application/ld+json")}[form]
    return HttpResponse(graph.serialize(format=name), content_type=f"{kind}; charset=utf-8")


@route(allows=anyone, discloses=NOTHING)
def about(request: ActorRequest, key: str) -> HttpResponse:
    """Hand out a service as schema.org's GovernmentService, for search engines."""
    from commonweal.kernel.catalogue.rdf import schema_org  # noqa: PLC0415 - as above

    found = offered_service(key, get_language() or "")
    agency = next(agency for agency in current_in().agencies if agency.key == found.info.agency)
    address = request.build_absolute_uri(reverse("catalogue:service", kwargs={"key": key}))
    return JsonResponse(schema_org(found, agency, address), content_type="application/ld+json")


def _cards(found: list[Service]) -> list[dict[str, Any]]:
    return [
        {
            "title": service.name,
            "text": service.summary,
            "href": reverse("catalogue:service", kwargs={"key": service.key}),
        }
        for service in found
    ]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _can_check(service: Service) -> bool:
    """Whether the check before an application can say something about a service."""
    return service.compiled.sections.get("eligibility") is not None


def _paper_forms(service: Service) -> list[dict[str, str]]:
    """Return where the form lies to be printed, in each language of the service; the reader's own comes first."""
    if not service.info.takes_paper or service.compiled.sections.get("form") is None:
        return []
    spoken = (get_language() or "").partition("-")[0]
    languages = sorted(service.info.languages, key=lambda language: language != spoken)
    found = [(each, _address("paper:blank", service.key, language=each)) for each in languages]
    names = dict(settings.LANGUAGES)
    return [
        {"language": each, "name": str(names.get(each, each)), "href": href} for each, href in found if href
    ]


def _address(name: str, key: str = "", **more: str) -> str:
    """Return a page, of a service or of all, that another app has; an installation without the app has none."""
    try:
        return reverse(name, kwargs={"key": key, **more} if key else more)
    except NoReverseMatch:
        return ""
