"""What can go wrong when an officer fills in for somebody."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, Invalid, NotFound


class AssistanceNotFound(NotFound):
    """There is no such help, or it is another's."""

    code = "assistance-not-found"
    message = _("We could not find this.")
    next_step = _("Begin again with the person's record, or ask them for a new code.")


class ChannelNotOffered(Conflict):
    """The service does not say that one may apply this way."""

    code = "channel-not-offered"
    message = _("This service does not take applications this way.")
    next_step = _("Choose another way, or ask whoever is answerable for the service.")


class CodeWrong(Invalid):
    """The code is not the right one, or no longer good."""

    code = "consent-code-wrong"
    message = _("This code is not right, or it is no longer good.")
    next_step = _("Ask the person to read it out again. After five wrong codes a new one is needed.")


class NoAddressForCode(Invalid):
    """Nobody knows where to send a code."""

    code = "no-address-for-code"
    message = _("We have no e-mail address of this person to send a code to.")
    next_step = _("Ask the person to come to the counter with an identity document.")
