"""What stands before and after the questions: how to fill in, where to send, who applies, why we ask, where to sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from commonweal.kernel.base.jurisdiction import current_in
from commonweal.kernel.base.typesetting import END_ISOLATE, ISOLATE, literal
from commonweal.kernel.catalogue.enums import Channel
from commonweal.kernel.catalogue.types import CompiledService


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, as we know them.

    Attributes:
        name: In full.
        birth_date: None where it is not known.
        address: Lines.
        email: Empty where none is known.
    """

    name: str
    birth_date: date | None
    address: tuple[str, ...]
    email: str


def opening(service: CompiledService, language: str, applicant: Applicant | None) -> Iterator[str]:
    """Everything before the questions."""
    info, say = service.info, service.translator(language)
    yield f"#heading(level: 1, {literal(say(info.name))})"
    yield f"#par[#{literal(say(info.summary))}]"
    yield _heading(_("How to fill in this form"))
    yield _listed(
        _(
            "Write with a dark pen, in capital letters, inside the boxes. To choose an answer, put a cross into its box."
        ),
        _("Have you made a mistake? Strike it out and write beside it."),
        _("Do not write on the square code at the top of each page. We find your form by it."),
        _("Online, some of these questions are left out where your answers show that they do not matter.")
        if service.sections["form"].may_skip
        else "",
    )
    yield _heading(_("Where to send it, and who helps"))
    yield _listed(*_ways(service, language))
    needed = [" ".join(filter(None, (f"{say(each.name)}.", say(each.description)))) for each in info.evidence]
    if needed:
        yield _heading(_("What you need"))
        yield _listed(*needed)
    yield _heading(_("About you"))
    yield from _applicant(service, applicant)


def _ways(service: CompiledService, language: str) -> Iterator[str]:
    info, say, here = service.info, service.translator(language), current_in(language)
    agency = next(each for each in here.agencies if each.key == info.agency)
    details = {str(each.kind): say(each.details) for each in info.channels}
    if details.get(Channel.POST.value):
        yield details[Channel.POST.value]
    else:
        text = _("Send it to: %(agency)s, %(address)s.")
        yield text % {"agency": agency.name, "address": f"{here.name}, {_apart(here.address)}"}
    if details.get(Channel.COUNTER.value):
        yield _("Or bring it to: %(place)s") % {"place": details[Channel.COUNTER.value]}
    phone, email = info.contact.phone or agency.phone, info.contact.email or agency.email
    yield _("Questions? Call %(phone)s or write to %(email)s.") % {
        "phone": _apart(phone),
        "email": _apart(email),
    }
    yield _("The day on which we get this form counts as the day on which you applied.")


def _applicant(service: CompiledService, applicant: Applicant | None) -> Iterator[str]:
    known = applicant or Applicant("", None, (), "")
    yield _field(_("Your name: first name and family name"), known.name)
    born = known.birth_date
    parts = (("month", _("Month")), ("day", _("Day")), ("year", _("Year")))
    boxes = ", ".join(
        f"({literal(label)}, {literal(str(getattr(born, part)) if born else '')})" for part, label in parts
    )
    yield _asked(_("Your date of birth"), f"#date({boxes})")
    yield _field(_("Your address: street, number, apartment, city, postal code"), ", ".join(known.address))
    yield _field(_("Your telephone number or e-mail address, for questions"), known.email)
    if "business" in service.info.who:
        yield _field(_("If you apply for a business: its name"), "")


def closing(service: CompiledService, language: str) -> Iterator[str]:
    """Everything after the questions."""
    purpose, say = service.info.purpose, service.translator(language)
    yield _heading(_("What happens to your data"))
    law = _("The law that allows it: %(law)s.") % {"law": _apart(purpose.legal_basis)}
    yield _paragraph(f"{say(purpose.description)} {law}")
    yield _paragraph(_("How long we keep them: %(time)s") % {"time": say(purpose.kept_for)})
    yield _paragraph(
        _("We scan this form, type your answers into our computer, and keep the scan with them.")
    )
    yield _heading(_("Sign here"))
    said = _("What I have written is true and complete. I agree that an officer types it in for me.")
    signature, day = (
        f'[#small[#{literal(label)}] #linebreak() #field(100%, "", height: 18mm)]'
        for label in (_("Your signature"), _("Date"))
    )
    yield (
        f"#block(breakable: false)[{_paragraph(said)}\n"
        f"#grid(columns: (2fr, 1fr), gutter: 5mm, {signature}, {day})]"
    )


def _field(label: str, value: str) -> str:
    return _asked(label, f"#field(100%, {literal(value)})")


def _asked(label: str, area: str) -> str:
    return f"#question({literal(label)}, (), [{area}])"


def _paragraph(text: str) -> str:
    return f"#par[#{literal(text)}]"


def _apart(text: str) -> str:
    """Return a text that keeps its own direction among others."""
    return f"{ISOLATE}{text}{END_ISOLATE}"


def _heading(text: str) -> str:
    return f"#heading(level: 2, {literal(text)})"


def _listed(*lines: str) -> str:
    return f"#list({', '.join(f'[#{literal(line)}]' for line in lines if line)})"
