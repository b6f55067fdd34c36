"""What officers see of forms on paper: take in a scan, find what it belongs to, type it in."""

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
from commonweal.kernel.base.dates import boxes, sent_day
from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid, NotFound
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.pages import page
from commonweal.kernel.base.routes import NOTHING, ActorRequest, route
from commonweal.kernel.base.templates import address, long_date
from commonweal.kernel.base.transactions import Transaction
from commonweal.kernel.catalogue.queries import compiled
from commonweal.kernel.counter.actions import take_up
from commonweal.kernel.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from commonweal.kernel.ledger.actions import record_access
from commonweal.kernel.paper import actions, pictures, queries
from commonweal.kernel.paper.models import Scan
from commonweal.kernel.paper.rules import may_take_in
from commonweal.kernel.paper.telling import told_of_limit
from commonweal.kernel.people import queries as people
from commonweal.kernel.people.types import PersonCard

PURPOSE = "type in a form that came on paper"
_REFUSED = (Invalid, Conflict, FileEmpty, FileTooLarge, FileTypeRefused)


@require_http_methods(["GET", "POST"])
@route(allows=may_take_in, discloses=PURPOSE)
def desk(request: ActorRequest) -> HttpResponse:
    """Take in a scan; show those that wait."""
    if request.method == "GET":
        return _desk(request)
    sent = request.FILES.get("scan")
    received_on, wrong = _day(request, "received_on")
    if not sent:
        wrong["scan"] = _("Choose the scan.")
    if received_on is None and "received_on" not in wrong:
        wrong["received_on"] = _("Enter the day on which the paper reached us, such as 9 15 2026.")
    if wrong or sent is None or received_on is None:
        return _desk(request, error=Invalid(wrong))
    try:
        scan = actions.take_in(
            sent,
            name=sent.name or "",
            received_on=received_on,
            by=request.actor,
            at=clock.now(),
            code=request.POST.get("code", ""),
        )
    except _REFUSED as error:
        fields = error.fields if isinstance(error, Invalid) else {"scan": _told(error)}
        return _desk(request, error=Invalid(fields))
    record_access(request.actor, _subjects(scan), PURPOSE, at=clock.now())
    return redirect("paper:scan", scan_id=scan.pk)


def _told(error: CommonwealError) -> str:
    """Say why a scan was refused; what else the house takes is of no use here."""
    return str(error) if isinstance(error, FileTypeRefused) else f"{error} {error.next_step}"


def _desk(request: ActorRequest, *, error: Invalid | None = None) -> HttpResponse:
    scans = list(queries.open_scans(request.actor))
    known = people.names({scan.person_id for scan in scans if scan.person_id})
    record_access(request.actor, known, PURPOSE, at=clock.now())
    today = clock.today()
    context = {
        "scans": [
            {
                "received": {
                    "text": long_date(scan.received_on),
                    "href": address("paper:scan", scan_id=scan.pk),
                },
                "service": _service_name(scan),
                "person": known.get(scan.person_id, "") if scan.person_id else _("not known yet"),
            }
            for scan in scans
        ],
        "can_look": pictures.can_look(),
        "typed": request.POST,
        "received_on": boxes(request.POST.dict(), "received_on", today),
        "errors": error.fields if error else {},
    }
    return page(request, "paper/desk.html", context, status=error.status if error else 200)


@require_GET
@route(allows=may_take_in, discloses=PURPOSE)
def scan(request: ActorRequest, scan_id: UUID) -> HttpResponse:
    """Show a scan: which form it is, who applies, what to do next."""
    return _scan(request, queries.scan_for(scan_id, actor=request.actor))


def _scan(request: ActorRequest, found: Scan, *, error: CommonwealError | None = None) -> HttpResponse:
    words = request.GET.get("q", "")[:200].replace("\x00", "").strip()
    persons = list(people.search_persons(words, actor=request.actor)) if words and not found.person_id else []
    cards = people.cards({*(each.pk for each in persons), *_subjects(found)})
    record_access(request.actor, cards, PURPOSE, at=clock.now())
    meaning = queries.meaning_of(found.code, scan_id=found.pk) if found.code else None
    passed = queries.passed_limit(found, today=clock.today()) if found.is_open else None
    context = {
        "limit": {"day": passed.due_on.isoformat(), "text": told_of_limit(passed)} if passed else None,
        "scan": found,
        "meaning": meaning,
        "service": _service_name(found),
        "card": cards.get(found.person_id) if found.person_id else None,
        "rows": _rows(found, meaning),
        "pictures": [
            address("paper:picture", scan_id=found.pk, page=number)
            for number in range(1, min(found.pages, _FIRST) + 1)
        ]
        if found.is_open
        else [],
        "can_look": pictures.can_look(),
        "words": words,
        "persons": [
            {"value": str(each.pk), "label": each.name, "hint": _about(cards[each.pk])} for each in persons
        ],
        "typed": request.POST,
        "errors": error.fields if isinstance(error, Invalid) else {},
        "notice": "" if isinstance(error, Invalid) or error is None else f"{error} {error.next_step}",
    }
    return page(request, "paper/scan.html", context, status=error.status if error else 200)


def _rows(found: Scan, meaning: queries.Meaning | None) -> list[dict[str, Any]]:
    rows = [{"label": _("Reached us on"), "value": long_date(found.received_on)}]
    if meaning:
        number = _("version %(number)s") % {"number": meaning.number}
        rows += [
            {"label": _("Code"), "value": meaning.code},
            {"label": _("Service"), "value": f"{_service_name(found)}, {number}"},
        ]
    return rows


def _about(card: PersonCard) -> str:
    born = long_date(card.birth_date) if card.birth_date else _("not known")
    return ", ".join((_("Born: %(day)s") % {"day": born}, *card.address))


def _service_name(found: Scan) -> str:
    if found.version_id is None:
        return _("not known yet")
    service = compiled(found.version_id)
    return service.translator(translation.get_language() or "")(service.info.name)


def _subjects(found: Scan) -> list[UUID]:
    return [found.person_id] if found.person_id else []


@require_POST
@route(allows=may_take_in, discloses=PURPOSE)
def code(request: ActorRequest, scan_id: UUID) -> HttpResponse:
    """Type the code, or have it read again."""
    found = queries.scan_for(scan_id, actor=request.actor)
    try:
        found = actions.enter_code(scan_id, request.POST.get("code", ""), by=request.actor, at=clock.now())
    except (Invalid, Conflict) as error:
        return _scan(request, found, error=error)
    record_access(request.actor, _subjects(found), PURPOSE, at=clock.now())
    return redirect("paper:scan", scan_id=scan_id)


@require_POST
@route(allows=may_take_in, discloses=PURPOSE)
def begin(request: ActorRequest, scan_id: UUID) -> HttpResponse:
    """Begin to type in for the person chosen, or for somebody whom we take up now."""
    found = queries.scan_for(scan_id, actor=request.actor)
    try:
        with Transaction():  # whoever is taken up now is taken up once, also where it cannot be begun
            person_id = found.person_id or _person(request)
            done = actions.begin(
                scan_id,
                person_id,
                confirmed_limit=_confirmed(request),
                by=request.actor,
                at=clock.now(),
            )
    except (Invalid, Conflict, NotFound) as error:
        return _scan(request, found, error=error)
    record_access(request.actor, _subjects(done), PURPOSE, at=clock.now())
    return redirect("cases:draft", sheet_id=done.sheet_id)


def _confirmed(request: ActorRequest) -> date | None:
    """Return the last day for an answer that was confirmed to be over; None where nothing was."""
    try:
        return date.fromisoformat(request.POST.get("limit", ""))
    except ValueError:
        return None


def _person(request: ActorRequest) -> UUID:
    """Return who applies: found in the register, or taken up.

    Raises:
        Invalid: Nobody was chosen, or name or date of birth are missing.
    """
    if "name" not in request.POST:
        try:
            return UUID(request.POST.get("person", ""))
        except ValueError:
            raise Invalid({"person": _("Choose who applies.")}) from None
    name = readable(request.POST["name"][:200])
    born, wrong = _day(request, "birth_date")
    if not name:
        wrong["name"] = _("Enter the name.")
    if "birth_date" not in wrong and (born is None or born > clock.today()):
        wrong["birth_date"] = _("Enter the date of birth, such as 31 3 1980.")
    if wrong or born is None:
        raise Invalid(wrong)
    email, language = request.POST.get("email", "").strip()[:254], translation.get_language() or "en"
    return take_up(name, born, email, language=language, by=request.actor, at=clock.now())


@require_POST
@route(allows=may_take_in, discloses=PURPOSE)
def ask(request: ActorRequest, scan_id: UUID) -> HttpResponse:
    """Ask by letter for what cannot be read."""
    found = queries.scan_for(scan_id, actor=request.actor)
    try:
        actions.ask_by_letter(scan_id, request.POST.get("text", ""), by=request.actor, at=clock.now())
    except (Invalid, Conflict) as error:
        return _scan(request, found, error=error)
    record_access(request.actor, _subjects(found), PURPOSE, at=clock.now())
    return redirect("paper:scan", scan_id=scan_id)


@require_POST
@route(allows=may_take_in, discloses=NOTHING)
def discard(request: ActorRequest, scan_id: UUID) -> HttpResponse:
    """Throw away a scan that was taken in by mistake."""
    actions.discard(scan_id, by=request.actor, at=clock.now())
    return redirect("paper:desk")


@require_GET
@route(allows=may_take_in, discloses=PURPOSE)
def picture(request: ActorRequest, scan_id: UUID, page: int) -> HttpResponse:
    """Show one page of a scan."""
    found = queries.scan_for(scan_id, actor=request.actor)
    drawn = queries.page_picture(found, page, actor=request.actor)
    record_access(request.actor, _subjects(found), PURPOSE, at=clock.now())
    response = HttpResponse(drawn, content_type="image/webp")
    response["Cache-Control"] = "private, max-age=600"
    return response


_FIRST = 2
"""Pages that are shown to find out who applies: name and address stand there."""


def _day(request: ActorRequest, name: str) -> tuple[date | None, dict[str, str]]:
    """Return a day that was typed, and what is wrong with it by field."""
    try:
        return sent_day(request.POST.dict(), name), {}
    except Invalid as error:
        return None, {name: str(error.fields[name])}
