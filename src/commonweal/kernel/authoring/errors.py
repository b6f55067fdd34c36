"""What can go wrong while a service is written."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.documents import Problem
from commonweal.kernel.base.errors import CommonwealError, Conflict, Forbidden, Invalid, NotFound


class DraftNotFound(NotFound):
    """There is no such draft, or it is another agency's."""

    code = "draft-not-found"
    message = _("We could not find this draft of a service.")
    next_step = _("Go back to the list of drafts.")


class DraftClosed(Conflict):
    """The draft was published or given up, or waits for approval."""

    code = "draft-closed"
    message = _("This draft cannot be changed: {stage}.")
    next_step = _("Take a proposal back to go on writing, or begin a new draft of the service.")


class DraftElsewhere(Conflict):
    """An officer of another agency is changing the same law."""

    code = "draft-elsewhere"
    message = _("Another agency is changing this law: {agency}.")
    next_step = _("Speak with your colleagues there.")


class DraftMoved(Conflict):
    """Somebody else changed the same file since it was shown."""

    code = "draft-moved"
    message = _("Somebody else changed {file} since you opened it. Nothing was overwritten.")
    next_step = _("Both texts are shown here. Bring yours and theirs together, then save once more.")

    def __init__(self, *, file: str, theirs: str) -> None:
        self.theirs = theirs
        super().__init__(file=file)


class DraftOutdated(Conflict):
    """Files were changed both in the draft and in the version that was published meanwhile."""

    code = "draft-outdated"
    message = _("These files were changed here and in the version published meanwhile: {files}.")
    next_step = _("Bring the two texts together by hand, then say that you have done so.")


class NotProposed(Conflict):
    """The draft does not wait for approval."""

    code = "draft-not-proposed"
    message = _("This draft does not wait for approval.")


class OwnProposal(Forbidden):
    """Whoever wrote a text does not approve it."""

    code = "own-proposal"
    message = _("You have worked on this draft, so another officer has to approve it.")
    next_step = _("Ask a colleague who may publish services.")


class NothingChanged(Conflict):
    """The draft says what the live version says."""

    code = "nothing-changed"
    message = _("This draft says the same as the version that residents meet now.")
    next_step = _("Change something first, or give the draft up.")


class TextRefused(Invalid):
    """A file cannot be taken as a part of a service at all."""

    code = "text-refused"
    message = _("This file cannot be taken: {reason}")
    next_step = _("Mend it, and send it again.")

    def __init__(self, problem: Problem, *, field: str = "text") -> None:
        self.problem = problem
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        said = " ".join(part for part in (problem.message, problem.hint) if part)
        super().__init__({field: said}, reason=f"{place}: {said}")


class ArchiveRefused(Invalid):
    """A zip archive cannot be taken as a service's folder."""

    code = "archive-refused"
    message = _("This archive cannot be taken: {reason}")
    next_step = _("Make a zip archive of the service's folder alone, and send it again.")

    def __init__(self, reason: str) -> None:
        super().__init__({"archive": str(reason)}, reason=str(reason))


class LooksLikeASlip(Invalid):
    """A figure changes by more than is usual in its law, and nobody has said yet that it is right."""

    code = "looks-like-a-slip"
    message = _("Nothing is saved yet: {reason}")
    next_step = _("Look at the figure again. If it is right, say so and save it.")

    def __init__(self, said: Sequence[str]) -> None:
        words = " ".join(said)
        super().__init__({"checked": words}, reason=words)


class PlaceNotFound(NotFound):
    """What was to be changed is not there any more."""

    code = "place-not-found"
    message = _("We could not find this place in the draft.")
    next_step = _("Load the page again: somebody may have taken it away.")


class RehearsalNotFound(NotFound):
    """There is no such rehearsal, or it is another officer's."""

    code = "rehearsal-not-found"
    message = _("We could not find this rehearsal.")
    next_step = _("Rehearsals are swept away after a fortnight. Begin a new one.")


__all__ = [
    "ArchiveRefused",
    "CommonwealError",
    "DraftClosed",
    "DraftElsewhere",
    "DraftMoved",
    "DraftNotFound",
    "DraftOutdated",
    "LooksLikeASlip",
    "NotProposed",
    "NothingChanged",
    "OwnProposal",
    "PlaceNotFound",
    "RehearsalNotFound",
    "TextRefused",
]
