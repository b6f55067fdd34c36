"""What can go wrong when somebody is decided upon, or asks what the law is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, Forbidden, Invalid, NotFound


class LawNotFound(NotFound):
    """There is no such programme or parameter."""

    code = "law-not-found"
    message = _("We hold no law of that name.")
    next_step = _("Look at the list of programmes.")


class BrokenLaw(CommonwealError):
    """The files of a programme do not compile."""

    code = "broken-law"
    message = _("The law of '{programme}' cannot be read.")
    next_step = _("An officer has to look at this; nothing has been decided.")


class NotDecidable(NotFound):
    """The service has no decision to make."""

    code = "not-decidable"
    message = _("Nothing is decided in this service.")
    next_step = _("Go back to the service's page.")


class OutcomeUnknown(Invalid):
    """An officer chose an outcome that the service does not have."""

    code = "outcome-unknown"
    message = _("This service cannot end like that.")
    next_step = _("Choose one of the outcomes listed.")


class ReasonsMissing(Invalid):
    """A decision by hand needs reasons and a legal ground."""

    code = "reasons-missing"
    message = _("A decision needs its reasons and the law it rests on.")
    next_step = _("Write both, then decide again.")


class NotAnOfficer(Forbidden):
    """Only an officer decides by hand."""

    code = "not-an-officer"
    message = _("Only an officer may decide this.")
