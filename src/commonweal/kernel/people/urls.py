"""Routes of the people app: allauth's flows under ``/account/``, and what a resident may know about the own record."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account import urls as account
from allauth.mfa import urls as second_step
from allauth.socialaccount import urls as others
from allauth.socialaccount.providers.openid_connect import urls as openid
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path

from commonweal.kernel.base.routes import NOTHING, route
from commonweal.kernel.base.rules import anyone
from commonweal.kernel.people import portal, workbench
from commonweal.kernel.people.devices import DevicesView

AT_ONCE = {"account_signup", "socialaccount_signup"}
"""Routes that store an account and its person together, or neither."""


BEFORE_SIGN_IN = {"mfa_authenticate", "mfa_login_webauthn"}
"""Routes of the second step that serve whoever has not signed in yet."""


def declared(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Give allauth's routes our rule: anybody may come, for allauth itself checks who has signed in."""
    found: list[URLPattern | URLResolver] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (declared(pattern.url_patterns), pattern.app_name or "", pattern.namespace)
            found.append(
                URLResolver(
                    pattern.pattern, inner[0], pattern.default_kwargs, pattern.app_name, pattern.namespace
                )
            )
        else:
            view = transaction.atomic(pattern.callback) if pattern.name in AT_ONCE else pattern.callback
            name = pattern.name or ""
            if name.startswith("mfa_") and name not in BEFORE_SIGN_IN:
                view = login_required(view)
            guarded = route(allows=anyone, discloses=NOTHING)(view)
            found.append(URLPattern(pattern.pattern, guarded, pattern.default_args, pattern.name))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", portal.account, name="people_account"),
    path("account/session/", portal.session, name="people_session"),
    path("account/face/", portal.choose_face, name="people_face"),
    path("account/", include(declared(account.urlpatterns))),
    path("account/2fa/", include(declared(second_step.urlpatterns))),
    path(
        "account/sessions/",
        route(allows=anyone, discloses=NOTHING)(DevicesView.as_view()),
        name="usersessions_list",
    ),
    path("account/3rdparty/", include(declared(others.urlpatterns))),
    path("account/", include(declared(openid.urlpatterns))),
    path("workbench/officers/", workbench.officers, name="people_officers"),
    path("workbench/officers/<uuid:officer_id>/", workbench.officer, name="people_officer"),
    path("workbench/officers/<uuid:officer_id>/grant/", workbench.grant, name="people_grant"),
    path("workbench/officers/<uuid:officer_id>/revoke/", workbench.revoke, name="people_revoke"),
    path("workbench/officers/<uuid:officer_id>/teams/", workbench.teams, name="people_teams"),
    path("me/tokens/", portal.tokens, name="people_tokens"),
    path("me/tokens/new/", portal.make_token, name="people_token_new"),
    path("me/tokens/<uuid:token_id>/revoke/", portal.revoke_token, name="people_token_revoke"),
    path("me/details/", portal.details, name="people_details"),
    path("me/access/", portal.access, name="people_access"),
]
