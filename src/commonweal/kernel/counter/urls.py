"""Routes of counter mode."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.counter import portal, workbench

app_name = "counter"
urlpatterns = [
    path("drafts/<uuid:sheet_id>/help/", portal.help_page, name="help"),
    path("drafts/<uuid:sheet_id>/help/<uuid:assistance_id>/end", portal.end, name="help-end"),
    path("workbench/counter/", workbench.desk, name="desk"),
    path("workbench/counter/join", workbench.join, name="join"),
    path("workbench/counter/register", workbench.register, name="register"),
    path("workbench/counter/people/<uuid:person_id>/", workbench.person, name="person"),
    path("workbench/counter/<uuid:assistance_id>/", workbench.help_given, name="help-given"),
    path("workbench/counter/<uuid:assistance_id>/code", workbench.code, name="code"),
    path("workbench/counter/<uuid:assistance_id>/end", workbench.end, name="end"),
]
