"""Everything that changes drafts of services, and rehearsals of them."""

from __future__ import annotations

from commonweal.kernel.authoring.actions.drafting import (
    LONGEST_NOTE,
    MAIN,
    add_figure,
    approve,
    begin_draft,
    begin_law,
    begin_new,
    begin_rules,
    catch_up,
    discard,
    propose,
    remove_file,
    rewrite,
    save_file,
    send_back,
    take_back,
    take_in,
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

__all__ = [
    "LONGEST_NOTE",
    "MAIN",
    "add_figure",
    "answer_in_rehearsal",
    "approve",
    "begin_draft",
    "begin_law",
    "begin_new",
    "begin_rehearsal",
    "begin_rules",
    "catch_up",
    "discard",
    "end_rehearsal",
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
