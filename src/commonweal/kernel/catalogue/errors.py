"""What can go wrong in the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.errors import CommonwealError, Conflict, Gone, NotFound


class ServiceNotFound(NotFound):
    """No service with this key is offered."""

    code = "service-not-found"
    message = _("We could not find this service.")
    next_step = _("Search for it in the list of services.")


class ServiceSuspended(Gone):
    """The service takes no new applications for now."""

    code = "service-suspended"
    message = _("This service takes no new applications at the moment.")
    next_step = _("Applications that you have begun are safe. Try again later, or contact us.")


class BrokenDeclaration(CommonwealError):
    """A folder does not compile, so it cannot be published."""

    code = "broken-declaration"
    status = 422
    message = _("The declaration of '{service}' has mistakes, so nothing was published.")
    next_step = _("Run `commonweal check` and mend what it names.")

    def __init__(self, *, service: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(service=service, problems=[str(problem) for problem in problems])


class StatusRefused(Conflict):
    """A version cannot go from its status to the one asked for."""

    code = "status-refused"
    message = _("A version that is {present} cannot become {wanted}.")
    next_step = _("Publish the folder again to make a new version.")


class FourEyesNeeded(Conflict):
    """Here two officers stand behind each version."""

    code = "four-eyes-needed"
    message = _(
        "Here nobody publishes alone: two different officers who may publish have to stand behind it."
    )
    next_step = _("Write a draft and let a colleague approve it, or name both with --by and --approved-by.")


class VersionOutdated(Conflict):
    """Another version was published since the text was begun."""

    code = "version-outdated"
    message = _("Another version of '{service}' was published since this text was begun.")
    next_step = _("Take over what changed since, and propose the text again.")
