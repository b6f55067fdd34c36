"""What can go wrong with a mass re-assessment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound


class ReassessmentNotFound(NotFound):
    """There is no such re-assessment, or it is another agency's."""

    code = "reassessment-not-found"


class NothingToReassess(Invalid):
    """No service of the agency rests on this law and says how to tell people about a change."""

    code = "nothing-to-reassess"
    message = _("No service of your agency can be looked at again under this law.")
    next_step = _("Choose another law, or add the section 'reassessment' to the service.")


class WrongStep(Conflict):
    """The re-assessment does not stand where this step begins."""

    code = "reassessment-wrong-step"
    message = _("This cannot be done now: the re-assessment is {status}.")
    next_step = _("Load the page again to see how it stands.")


class FourEyes(Forbidden):
    """Whoever proposes may not approve as well."""

    code = "four-eyes"
    message = _("You proposed this yourself. Somebody else has to approve it.")
    next_step = _("Ask another officer with the right to approve.")


class NotForHand(Conflict):
    """The award does not wait for an officer's decision."""

    code = "reassessment-not-for-hand"
    message = _("This award does not wait for a decision of an officer.")
    next_step = _("Load the page again to see how it stands.")
