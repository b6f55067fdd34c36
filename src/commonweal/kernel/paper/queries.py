"""Forms to print."""

from __future__ import annotations

from datetime import datetime

from commonweal.kernel.catalogue.queries import offered_service
from commonweal.kernel.paper.codes import new_code
from commonweal.kernel.paper.errors import NoPaperForm
from commonweal.kernel.paper.printing import Copy, form_pdf


def blank_form(service_key: str, language: str, *, at: datetime) -> bytes:
    """Return a fresh copy of the form of a service as it is offered now, as a PDF; nothing of it is kept.

    Raises:
        ServiceNotFound: The service is not offered.
        NoPaperForm: It asks no questions, takes nothing on paper, or does not speak the language.
    """
    service = offered_service(service_key)
    has_form = service.compiled.sections.get("form") is not None
    if not has_form or not service.info.takes_paper or language not in service.info.languages:
        raise NoPaperForm(service=service_key, language=language)
    return form_pdf(Copy(new_code(service.compiled.hash), service.compiled, language, at))
