"""What can go wrong with disputes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Invalid, NotFound


class DisputeNotFound(NotFound):
    """There is no such dispute, or the actor may not know that there is."""

    code = "dispute-not-found"
    message = _("We could not find this report of a mistake.")
    next_step = _("Check the reference. It has twelve letters and digits, such as 7K3M-2QX9-CD41.")


class NobodyKeepsIt(NotFound):
    """The jurisdiction names no team that puts such a record right."""

    code = "dispute-nobody-keeps-it"
    message = _("This cannot be put right here.")
    next_step = _("Change the value in your application, and write to us at the address on the contact page.")


class AlreadyDisputed(Conflict):
    """The same record is being looked into already."""

    code = "dispute-open-already"
    message = _("You have told us that this is wrong: report {reference}. We are looking into it.")
    next_step = _("You can change the value in your application, and go on with it.")


class DisputeAnswered(Conflict):
    """The dispute has been answered."""

    code = "dispute-answered"
    message = _("Report {reference} has been answered already.")
    next_step = _("Load the page again to see what was decided.")


class DisputeMovedOn(Conflict):
    """Somebody else changed the dispute after this page was opened."""

    code = "dispute-moved-on"
    message = _("Somebody else worked on report {reference} after you opened this page.")
    next_step = _("Look at it again. What you wrote is still in the form below.")


class DisputeTaken(Conflict):
    """Another officer works on the dispute."""

    code = "dispute-taken"
    message = _("Another officer is working on report {reference}.")
    next_step = _("Ask them to put it back.")


class RecordGone(Conflict):
    """The record is not there any more, so that nothing can be put right."""

    code = "dispute-record-gone"
    message = _("What report {reference} is about is not in the register any more.")
    next_step = _("Refuse it with this reason, or wait for the register's next delivery.")


class ReportInvalid(Invalid):
    """A text or value that a report or its answer needs is missing or wrong."""

    code = "dispute-invalid"
