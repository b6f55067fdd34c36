"""What can go wrong with a round."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound


class RoundNotFound(NotFound):
    """There is no such round, or it is another agency's."""

    code = "round-not-found"


class NoRounds(Invalid):
    """The agency offers no service that decides in rounds under this key."""

    code = "no-rounds"
    message = _("Choose a service that decides in rounds.")


class WrongStep(Conflict):
    """The round does not stand where this step begins."""

    code = "round-wrong-step"
    message = _("This cannot be done now: the round is {status}.")
    next_step = _("Load the page again to see how it stands.")


class NotClosedYet(Conflict):
    """Applications can still come in."""

    code = "round-not-closed-yet"
    message = _("Applications can come in until {day}. It can be worked out on the day after.")


class StillChecked(Conflict):
    """Cases that were sent in time have not been decided yet; without them the result would wrong somebody."""

    code = "round-still-checked"
    message = _("Applications that came in time and are still being checked: {count}.")
    next_step = _("Decide them, then work the round out.")


class RoundMovedOn(Conflict):
    """It was worked out again since the officer saw what it brings; they may approve only what they have seen."""

    code = "round-moved-on"
    message = _("The round was worked out again since you opened this page. Nothing has been approved.")
    next_step = _("Look at the new list, then approve that.")


class NothingLeft(Conflict):
    """Nobody gave anything up, or nobody waits for it."""

    code = "round-nothing-left"
    message = _("There is nothing to share out again: nobody gave anything up, or nobody waits for it.")


class RoundFourEyes(Forbidden):
    """Whoever proposes may not approve as well."""

    code = "round-four-eyes"
    message = _("You proposed this yourself. Somebody else has to approve it.")
    next_step = _("Ask another officer with the right to approve.")


class NoOffer(Conflict):
    """The case holds no offer that waits for an answer."""

    code = "no-offer"
    message = _(
        "There is no offer that waits for your answer. Perhaps it has been answered, or its time is over."
    )


class NoWaiting(Conflict):
    """The case has nothing that it could keep, or waits for nothing."""

    code = "no-waiting"
    message = _("There is no waiting list to leave. Perhaps you left it, or a place has just become free.")
