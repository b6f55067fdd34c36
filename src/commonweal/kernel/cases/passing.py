"""What somebody hears whose award ends because another person's application was granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from commonweal.kernel.base.templates import long_date
from commonweal.kernel.cases.models import Case
from commonweal.kernel.cases.registry import Run
from commonweal.kernel.catalogue import queries as catalogue
from commonweal.kernel.mailbox import actions as mailbox
from commonweal.kernel.mailbox.types import Matter
from commonweal.kernel.people import queries as people

if TYPE_CHECKING:
    from commonweal.kernel.awards.models import Award


def tell_former_holder(run: Run, award: Award) -> None:
    """Write to the holder of an award that a case of somebody else has ended; who that is stays untold.

    Nothing is written where the applicant holds the award.

    Args:
        run: The case that ends it.
        award: As it is now.
    """
    if award.person_id in people.all_record_ids([run.case.applicant_id]):
        return
    former = Case.objects.filter(pk=award.source_stream.partition(":")[2]).order_by("pk").first()
    version_id = former.version_id if former is not None else None
    service = catalogue.compiled(version_id) if version_id is not None else run.service
    language = people.person_card(award.person_id).language
    with translation.override(language):
        named = {"service": service.translator(language)(service.info.name)}
        lines = [
            _("We have ended what you hold: %(service)s. It passes to somebody else, who applied for it.")
            % named
        ]
        if award.is_running and award.ends_on is not None:
            lines.append(_("Your last day is %(day)s.") % {"day": long_date(award.ends_on)})
        lines.append(_("Did you not agree to this? Write to us at once, and we look at it again."))
        title = _("What you hold passes to somebody else")
    mailbox.write(
        award.person_id,
        former or Matter(award.source_stream, award.agency, award.service_key, None, ""),
        title=title,
        text="\n\n".join(lines),
        by=run.by,
        at=run.at,
        unique_key=f"cases.passed:{run.case.pk}:{award.pk}",
    )
