"""Routes of the jobs."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.jobs import workbench

app_name = "jobs"
urlpatterns = [
    path("workbench/jobs/", workbench.dead_letter_list, name="dead-letters"),
    path("workbench/jobs.json", workbench.dead_letter_json, name="dead-letters-json"),
    path("workbench/jobs/<uuid:job_id>/replay/", workbench.replay, name="replay"),
    path("workbench/jobs/<uuid:job_id>/discard/", workbench.discard, name="discard"),
]
