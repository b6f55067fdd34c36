"""Everything that changes a case."""

from __future__ import annotations

from commonweal.kernel.cases.actions.applying import answer_inquiry, submit, withdraw
from commonweal.kernel.cases.actions.deciding import (
    confirm_proposal,
    decide_by_hand,
    note_reassessment,
    pass_over_stage,
    retry_stage,
    send_letter_by_hand,
)
from commonweal.kernel.cases.actions.handing import hand_in_evidence, remind, take_back_evidence
from commonweal.kernel.cases.actions.signing import decline, invite_again, sign, take_invitation
from commonweal.kernel.cases.actions.waking import dispose, go_on, keep_silence, lapse, wake
from commonweal.kernel.cases.actions.working import (
    add_note,
    ask_applicant,
    assign_case,
    claim_case,
    find_complete,
    release_case,
)

__all__ = [
    "add_note",
    "answer_inquiry",
    "ask_applicant",
    "assign_case",
    "claim_case",
    "confirm_proposal",
    "decide_by_hand",
    "decline",
    "dispose",
    "find_complete",
    "go_on",
    "hand_in_evidence",
    "invite_again",
    "keep_silence",
    "lapse",
    "note_reassessment",
    "pass_over_stage",
    "release_case",
    "remind",
    "retry_stage",
    "send_letter_by_hand",
    "sign",
    "submit",
    "take_back_evidence",
    "take_invitation",
    "wake",
    "withdraw",
]
