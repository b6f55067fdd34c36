"""Routes of authoring."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.authoring import workbench

app_name = "authoring"
_one = "workbench/authoring/<uuid:draft_id>/"
urlpatterns = [
    path("workbench/authoring/", workbench.listing, name="list"),
    path("workbench/authoring/begin", workbench.begin, name="begin"),
    path("workbench/authoring/new", workbench.new, name="new"),
    path("workbench/authoring/import", workbench.take_in, name="import"),
    path(_one, workbench.show, name="draft"),
    path(f"{_one}propose", workbench.propose, name="propose"),
    path(f"{_one}take-back", workbench.take_back, name="take-back"),
    path(f"{_one}send-back", workbench.send_back, name="send-back"),
    path(f"{_one}approve", workbench.approve, name="approve"),
    path(f"{_one}discard", workbench.discard, name="discard"),
    path(f"{_one}catch-up", workbench.catch_up, name="catch-up"),
    path(f"{_one}archive.zip", workbench.archive, name="archive"),
    path(f"{_one}add", workbench.add_file, name="add-file"),
    path(f"{_one}files/<path:file>", workbench.edit_file, name="file"),
    path(f"{_one}remove/<path:file>", workbench.remove_file, name="remove-file"),
    path(f"{_one}check/<path:file>", workbench.messages, name="messages"),
    path(f"{_one}texts/<path:file>", workbench.texts, name="texts"),
]
