"""Routes of the consent app."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.consent import portal, workbench

app_name = "consent"

urlpatterns = [
    path("me/erasure/", portal.erasure, name="own-erasure"),
    path("me/erasure/ask/", portal.ask, name="ask"),
    path("me/erasure/withdraw/", portal.withdraw, name="withdraw"),
    path("workbench/erasures/", workbench.erasures, name="erasures"),
    path("workbench/erasures/of/<uuid:person_id>/", workbench.person, name="person"),
    path("workbench/erasures/of/<uuid:person_id>/request/", workbench.request_erasure, name="request"),
    path("workbench/erasures/<uuid:erasure_id>/", workbench.erasure, name="erasure"),
    path("workbench/erasures/<uuid:erasure_id>/check/", workbench.check, name="check"),
    path("workbench/erasures/<uuid:erasure_id>/confirm/", workbench.confirm, name="confirm"),
    path("workbench/erasures/<uuid:erasure_id>/refuse/", workbench.refuse, name="refuse"),
    path("workbench/holds/", workbench.holds, name="holds"),
    path("workbench/holds/place/", workbench.place, name="place"),
    path("workbench/holds/<uuid:hold_id>/ask-release/", workbench.ask_release, name="ask-release"),
    path("workbench/holds/<uuid:hold_id>/keep/", workbench.keep, name="keep"),
    path("workbench/holds/<uuid:hold_id>/release/", workbench.release, name="release"),
]
