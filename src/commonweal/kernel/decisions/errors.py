"""What can go wrong when somebody is decided upon, or asks what the law is."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.errors import CommonwealError, Conflict, Forbidden, Invalid, NotFound


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


class LawFixed(Conflict):
    """This installation takes its law from the folder alone."""

    code = "law-fixed"
    message = _("The law is taken from its folder here; it cannot be published in the browser.")
    next_step = _("Set COMMONWEAL_LAW_LOOK_SECONDS, or change the files in the folder.")


class LawOutdated(Conflict):
    """Another text of the law was published since this one was begun."""

    code = "law-outdated"
    message = _("Another text of '{programme}' was published since this one was begun.")
    next_step = _("Take over what changed since, and propose the text again.")


class LawRefused(CommonwealError):
    """A text of a law has mistakes, so it cannot be published."""

    code = "law-refused"
    status = 422
    message = _("The law of '{programme}' has mistakes, so nothing was published.")
    next_step = _("Mend what is named; a service that does not go with it has to be changed first.")

    def __init__(self, *, programme: str, problems: Sequence[Problem]) -> None:
        self.problems = problems
        super().__init__(programme=programme, problems=[str(problem) for problem in problems])


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
