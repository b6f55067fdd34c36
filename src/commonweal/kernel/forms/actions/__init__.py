"""Everything that changes a sheet."""

from __future__ import annotations

from commonweal.kernel.forms.actions.answering import (
    answer_all,
    answer_page,
    answer_question,
    contradict,
    lay_out,
    put_aside,
)
from commonweal.kernel.forms.actions.attaching import (
    Attached,
    attach_file,
    begin_upload,
    hand_over_files,
    remove_file,
)
from commonweal.kernel.forms.actions.items import answer_item, remove_item
from commonweal.kernel.forms.actions.keeping import UNSENT_KEPT, delete_unsent, keep_unsent
from commonweal.kernel.forms.actions.sending import Submission, move_forward, submit_sheet
from commonweal.kernel.forms.actions.starting import (
    Started,
    carry_over,
    claim_sheet,
    delete_draft,
    delete_expired,
    delete_submitted,
    receive_on_paper,
    start_sheet,
)
from commonweal.kernel.forms.actions.work import KEPT_FOR, Saved

__all__ = [
    "KEPT_FOR",
    "UNSENT_KEPT",
    "Attached",
    "Saved",
    "Started",
    "Submission",
    "answer_all",
    "answer_item",
    "answer_page",
    "answer_question",
    "attach_file",
    "begin_upload",
    "carry_over",
    "claim_sheet",
    "contradict",
    "delete_draft",
    "delete_expired",
    "delete_submitted",
    "delete_unsent",
    "hand_over_files",
    "keep_unsent",
    "lay_out",
    "move_forward",
    "put_aside",
    "receive_on_paper",
    "remove_file",
    "remove_item",
    "start_sheet",
    "submit_sheet",
]
