"""What can go wrong with forms on paper."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import NotFound


class NoPaperForm(NotFound):
    """The service has no form to print, or none in this language."""

    code = "no-paper-form"
    message = _("There is no form to print for this service in this language.")
    next_step = _("Apply online, or ask us on the phone or at the counter.")
