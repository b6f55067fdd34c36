"""Routes of forms on paper."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.paper import portal, workbench

app_name = "paper"
urlpatterns = [
    path("services/<slug:key>/form-<slug:language>.pdf", portal.blank, name="blank"),
    path("drafts/<uuid:sheet_id>/print", portal.print_draft, name="print"),
    path("drafts/<uuid:sheet_id>/print/<uuid:copy_id>.pdf", portal.printed, name="printed"),
    path("workbench/paper/", workbench.desk, name="desk"),
    path("workbench/paper/<uuid:scan_id>/", workbench.scan, name="scan"),
    path("workbench/paper/<uuid:scan_id>/code", workbench.code, name="code"),
    path("workbench/paper/<uuid:scan_id>/begin", workbench.begin, name="begin"),
    path("workbench/paper/<uuid:scan_id>/ask", workbench.ask, name="ask"),
    path("workbench/paper/<uuid:scan_id>/discard", workbench.discard, name="discard"),
    path("workbench/paper/<uuid:scan_id>/pages/<int:page>.webp", workbench.picture, name="picture"),
]
