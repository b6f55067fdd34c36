"""Everything that changes drafts of services, and rehearsals of them."""

from __future__ import annotations

from commonweal.kernel.authoring.actions.approving import approve, discard, propose, send_back, take_back
from commonweal.kernel.authoring.actions.beginning import (
    begin_draft,
    begin_law,
    begin_new,
    begin_new_law,
    begin_rules,
    take_in,
)
from commonweal.kernel.authoring.actions.editing import (
    add_figure,
    catch_up,
    lay_beside,
    remove_file,
    rewrite,
    save_file,
)
from commonweal.kernel.authoring.actions.rehearsing import (
    answer_in_rehearsal,
    begin_rehearsal,
    end_rehearsal,
    let_time_pass,
    rehearse_step,
    send_in_rehearsal,
    sweep_rehearsals,
)
from commonweal.kernel.authoring.steps import LONGEST_NOTE, MAIN

__all__ = [
    "LONGEST_NOTE",
    "MAIN",
    "add_figure",
    "answer_in_rehearsal",
    "approve",
    "begin_draft",
    "begin_law",
    "begin_new",
    "begin_new_law",
    "begin_rehearsal",
    "begin_rules",
    "catch_up",
    "discard",
    "end_rehearsal",
    "lay_beside",
    "let_time_pass",
    "propose",
    "rehearse_step",
    "remove_file",
    "rewrite",
    "save_file",
    "send_back",
    "send_in_rehearsal",
    "sweep_rehearsals",
    "take_back",
    "take_in",
]
