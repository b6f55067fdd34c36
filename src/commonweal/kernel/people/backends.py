"""Who is signed in: allauth's checks, and one query for account, person and officer."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from commonweal.kernel.people.models import Account
from commonweal.kernel.people.queries import account_for_request


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """Signs in by e-mail address; a suspended account is nobody at its next request."""

    def get_user(self, user_id: Any) -> Account | None:
        """Return the account of a session, unless it is suspended or gone."""
        account = account_for_request(user_id)
        return account if account is not None and account.is_active else None

    def get_user_permissions(self, *args: Any, **kwargs: Any) -> set[str]:
        """Return none: capabilities are granted to officers, not to accounts."""
        return set()

    get_group_permissions = get_all_permissions = get_user_permissions
