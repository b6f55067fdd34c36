"""What revocations hang into declarations, roles and the pages of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.templates import long_date
from commonweal.kernel.base.types import Actor
from commonweal.kernel.cases.registry import CaseNotice, Notice, case_notices
from commonweal.kernel.people.registry import CASEWORKER, SUPERVISOR, Capability, capabilities
from commonweal.kernel.revocations.enums import Status
from commonweal.kernel.revocations.queries import revocable, revocation_of
from commonweal.kernel.revocations.rules import REVOKE, may_revoke
from commonweal.kernel.revocations.types import RevocationSource

if TYPE_CHECKING:
    from commonweal.kernel.cases.models import Case

capabilities.register(
    Capability(REVOKE, gettext_lazy("Take back what was granted"), (CASEWORKER, SUPERVISOR))
)


@sections.register
class RevocationSection(Section):
    """On which grounds an officer takes back what was granted, and after what notice."""

    key: ClassVar[str] = "revocation"
    schema: ClassVar[type[BaseModel]] = RevocationSource
    order: ClassVar[int] = 395

    def compile(self, source: Source | None, compilation: Compilation) -> RevocationSource | None:
        """Return the section as written."""
        return source.value if source is not None else None

    def check(
        self, compiled: RevocationSource | None, source: Source | None, compilation: Compilation
    ) -> None:
        """Complain about a service that grants nothing."""
        if source is not None and compilation.compiled.get("award") is None:
            message = "Nothing can be taken back: the service has no section 'award'."
            hint = "Declare what is granted in 'award', or leave this section out."
            compilation.problems.append(source.problem((), "revocation.nothing", message, hint))


@case_notices.register
class RevocationNotice(CaseNotice):
    """That something is being taken back, or can be."""

    key = "revocations.revocation"
    section = "revocation"

    def notice(self, case: Case) -> Notice | None:
        """Return where the holder reads why, and says what they think."""
        found = revocation_of(case.pk)
        if found is None or found.status == Status.DROPPED:
            return None
        texts = {
            Status.ANNOUNCED: _("What was granted to you is taken back. It takes effect on %(day)s."),
            Status.SUSPENDED: _("That it is taken back is suspended. What was granted to you goes on."),
            Status.DONE: _("What was granted to you was taken back."),
        }
        text = texts[Status(found.status)] % {"day": long_date(found.effective_on)}
        return Notice(text, reverse("revocations:own", args=[case.reference]), _("Read why"))

    def notice_for_officer(self, case: Case, actor: Actor) -> Notice | None:
        """Return where an officer takes it back, or sees how that stands."""
        found = revocation_of(case.pk)
        if not may_revoke(actor) or (found is None and revocable(case) is None):
            return None
        href = reverse("revocations:work", args=[case.reference])
        if found is None:
            return Notice(_("What was granted can be taken back."), href, _("Take it back"))
        said = _("What was granted is being taken back: %(status)s.") % {"status": Status(found.status).label}
        return Notice(said, href, _("Show the revocation"))
