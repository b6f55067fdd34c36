"""What can go wrong with comments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import Conflict, NotFound


class CodeUnknown(NotFound):
    """Nobody was written to with this code."""

    code = "consultation-code-unknown"
    message = _("We know of no letter with this code.")
    next_step = _("Look at the code in the letter once more. It has twelve characters.")


class LettersPosted(Conflict):
    """No letters wait to be posted."""

    code = "letters-posted"
    message = _("No letters wait to be posted in this case.")
    next_step = _("Load the page again to see how it stands now.")


class CommentsOver(Conflict):
    """The last day for comments has passed, or the matter has been decided."""

    code = "comments-over"
    message = _("The time for comments is over.")
    next_step = _("You may appeal once it has been decided, where the law lets you.")
