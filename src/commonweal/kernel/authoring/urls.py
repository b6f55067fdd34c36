"""Routes of authoring."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.authoring.workbench import columns, drafts, figures, form, looking, rehearsals, tables

app_name = "authoring"
_one = "workbench/authoring/<uuid:draft_id>/"
_played = "workbench/rehearsals/<uuid:rehearsal_id>/"
_page = f"{_played}pages/<slug:page_key>/"
urlpatterns = [
    path("workbench/authoring/", drafts.listing, name="list"),
    path("workbench/authoring/begin", drafts.begin, name="begin"),
    path("workbench/authoring/new", drafts.new, name="new"),
    path("workbench/authoring/new-law", drafts.new_law, name="new-law"),
    path("workbench/authoring/import", drafts.take_in, name="import"),
    path("workbench/authoring/law", drafts.begin_law, name="begin-law"),
    path(_one, drafts.show, name="draft"),
    path(f"{_one}changes", looking.changes, name="changes"),
    path(f"{_one}cases", looking.cases, name="cases"),
    path(f"{_one}tables/<str:file>/", columns.listing, name="tables"),
    path(f"{_one}tables/<str:file>/add", columns.add_table, name="add-table"),
    path(f"{_one}tables/<str:file>/model.xml", tables.model, name="table-model"),
    path(f"{_one}tables/<str:file>/<str:key>/drawn", tables.drawn, name="table-drawn"),
    path(f"{_one}tables/<str:file>/<str:key>", tables.table, name="table"),
    path(f"{_one}tables/<str:file>/<str:key>/shape", columns.shape, name="table-shape"),
    path(f"{_one}tables/<str:file>/<str:key>/columns/<int:at>", columns.column, name="table-column"),
    path(f"{_one}tables/<str:file>/<str:key>/messages", tables.messages, name="table-messages"),
    path(f"{_one}figures/", figures.listing, name="figures"),
    path(f"{_one}figures/<slug:key>", figures.figure, name="figure"),
    path(f"{_one}figures/<slug:key>/messages", figures.messages, name="figure-messages"),
    path(f"{_one}figures/<slug:key>/remove", figures.remove, name="remove-value"),
    path(f"{_one}beside", drafts.lay_beside, name="lay-beside"),
    path(f"{_one}propose", drafts.propose, name="propose"),
    path(f"{_one}take-back", drafts.take_back, name="take-back"),
    path(f"{_one}send-back", drafts.send_back, name="send-back"),
    path(f"{_one}approve", drafts.approve, name="approve"),
    path(f"{_one}discard", drafts.discard, name="discard"),
    path(f"{_one}catch-up", drafts.catch_up, name="catch-up"),
    path(f"{_one}archive.zip", drafts.archive, name="archive"),
    path(f"{_one}add", drafts.add_file, name="add-file"),
    path(f"{_one}rules", drafts.begin_rules, name="begin-rules"),
    path(f"{_one}files/<path:file>", drafts.edit_file, name="file"),
    path(f"{_one}remove/<path:file>", drafts.remove_file, name="remove-file"),
    path(f"{_one}check/<path:file>", drafts.messages, name="messages"),
    path(f"{_one}texts/<path:file>", drafts.texts, name="texts"),
    path("workbench/rehearsals/", rehearsals.listing, name="rehearsals"),
    path("workbench/rehearsals/begin", rehearsals.begin, name="begin-rehearsal"),
    path(_played, rehearsals.show, name="rehearsal"),
    path(f"{_played}check", rehearsals.check, name="rehearsal-check"),
    path(f"{_played}decide", rehearsals.decide, name="rehearsal-decide"),
    path(f"{_played}time", rehearsals.pass_time, name="rehearsal-time"),
    path(f"{_played}end", rehearsals.end, name="rehearsal-end"),
    path(_page, rehearsals.form_page, name="rehearsal-page"),
    path(f"{_page}items/new", rehearsals.form_item, name="rehearsal-new-item"),
    path(f"{_page}items/<int:item>", rehearsals.form_item, name="rehearsal-item"),
    path(f"{_page}items/<int:item>/remove", rehearsals.remove_item, name="rehearsal-remove-item"),
    path(f"{_one}questions/", form.outline, name="questions"),
    path(f"{_one}questions/change", form.arrange, name="arrange"),
    path(f"{_one}questions/add-page", form.add_page, name="add-page"),
    path(f"{_one}questions/add", form.add_question, name="add-question"),
    path(f"{_one}question/<path:place>", form.question, name="question"),
]
