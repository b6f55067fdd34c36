"""What the people app hangs into every page: the links of the account, and what was just done to it."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.api import Bearer, SignedIn, bearers
from commonweal.kernel.base.encryption import is_current, key_name
from commonweal.kernel.base.errors import NotFound, TooManyRequests
from commonweal.kernel.base.keys import Renewed, SealedValues, sealed_values
from commonweal.kernel.base.pages import NavigationItem, PageSlot, navigation, slots
from commonweal.kernel.base.personal import Eraser, erasers
from commonweal.kernel.base.templates import address, time_of_day
from commonweal.kernel.base.throttle import address_of, take_place
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.people import actions, queries
from commonweal.kernel.people.adapters import MfaAdapter
from commonweal.kernel.people.models import Account
from commonweal.kernel.people.rules import may_grant
from commonweal.kernel.people.types import Link


@dataclass(frozen=True)
class Said:
    """Something that was just done.

    Attributes:
        text: As people read it.
        tone: ``success``, ``info``, ``warning`` or ``danger``.
    """

    text: str
    tone: str


_MFA = MfaAdapter()
WRONG_TOKENS = 20
WRONG_TOKENS_WITHIN_S = 300
_TONES = {"success": "success", "warning": "warning", "error": "danger"}


def account_links(request: HttpRequest) -> list[Link]:
    """Return the links at the top of every page."""
    if request.user.is_authenticated:
        return [
            Link(address("people_account"), _("Your account")),
            Link(address("account_logout"), _("Sign out")),
        ]
    back = (
        ""
        if request.path.startswith(("/account/", "/errors/")) or request.path == "/"
        else request.get_full_path()
    )
    href = reverse("account_login") + (f"?next={quote(back)}" if back else "")
    return [Link(href, _("Sign in"))]


def said(request: HttpRequest) -> list[Said]:
    """Return what was just done, once."""
    return [Said(str(message), _TONES.get(message.level_tag, "info")) for message in get_messages(request)]


@dataclass(frozen=True)
class SessionEnd:
    """How long somebody stays signed in.

    Attributes:
        ends_in_s: Seconds from now.
        warn_s: So long before the end the page asks whether to go on.
        ends_at: The time of day, where the end is near; empty otherwise.
        href: Page on which to stay signed in.
    """

    ends_in_s: int
    warn_s: int
    ends_at: str
    href: str


WARN_BEFORE_S = 600
NEAR_S = 3600
"""Without JavaScript nothing can appear on a page that is open: whatever is loaded in the last hour says it."""


def session_end(request: HttpRequest) -> SessionEnd | None:
    """Return when the session of whoever is signed in ends; None for a guest."""
    ends_at = getattr(request.session, "ends_at", None) if request.user.is_authenticated else None
    if ends_at is None:
        return None
    ends_in_s = max(0, int((ends_at - timezone.now()).total_seconds()))
    return SessionEnd(
        ends_in_s,
        WARN_BEFORE_S,
        time_of_day(ends_at) if ends_in_s <= NEAR_S else "",
        f"{address('people_session')}?next={quote(request.get_full_path())}",
    )


def identity_provider(request: HttpRequest) -> Link | None:
    """Return the link to the site that vouches for people, where one is set up."""
    if not settings.COMMONWEAL_OIDC_NAME:
        return None
    provider = get_adapter().get_provider(request, "main")
    label = _("Sign in with %(name)s") % {"name": settings.COMMONWEAL_OIDC_NAME}
    return Link(provider.get_login_url(request), label)


def practice(request: HttpRequest) -> dict[str, Any] | None:
    """Return how to sign in to the practice city; nothing anywhere else."""
    if not settings.COMMONWEAL_DEMO:
        return None
    return {"password": settings.COMMONWEAL_DEMO_PASSWORD, "identities": queries.demo_identities()}


@bearers.register
class PersonalToken(Bearer):
    """Tokens that people make for their own programs.

    A valid one always passes. Wrong ones are counted by the address they come from; 256 random bits cannot be guessed,
    so the limit keeps an address from wearing the database out, and no address can shut others out.
    """

    key = queries.ISSUER

    def signed_in(self, request: HttpRequest, token: str) -> SignedIn | None:
        """Return whom the token stands for."""
        found = queries.signed_in_by(token, at=clock.now())
        if found is None:
            counted = f"people.wrong_token:{address_of(request)}"
            if not take_place(counted, most=WRONG_TOKENS, within_s=WRONG_TOKENS_WITHIN_S):
                raise TooManyRequests
        return found


@sealed_values.register
class SecondSteps(SealedValues):
    """Secrets of authenticator apps and recovery codes; allauth keeps them as text within JSON."""

    key = "mfa_authenticator.data"

    def renew(self, after: Any, *, limit: int) -> Renewed:
        """Bring the next secrets under the current key."""
        rows = list(
            Authenticator.objects.select_for_update().filter(pk__gt=after or 0).order_by("pk")[:limit]
        )
        changed = 0
        for row in rows:
            for name, cipher in self._sealed(row):
                if not is_current(cipher):
                    row.data[name] = _MFA.encrypt(_MFA.decrypt(row.data[name]))
                    row.save(update_fields=["data"])
                    changed += 1
        return Renewed(rows[-1].pk if len(rows) == limit else None, len(rows), changed)

    def names(self) -> Counter[str]:
        """Count the secrets by key."""
        rows = Authenticator.objects.order_by("pk").iterator()
        return Counter(key_name(cipher) for row in rows for _name, cipher in self._sealed(row))

    def _sealed(self, row: Authenticator) -> list[tuple[str, bytes]]:
        return [(name, b64decode(row.data[name])) for name in ("secret", "seed") if row.data.get(name)]


@receiver([password_changed, password_reset, password_set])
def revoke_tokens(request: HttpRequest, user: Account, **_more: Any) -> None:
    """Take the account's tokens back with its old password, and say so on the next page."""
    actor = queries.actor_of(user)
    if actor.is_signed_in and actions.revoke_tokens(user.pk, by=actor, at=clock.now()):
        messages.info(
            request, _("The tokens of your programs are no longer valid. Make new ones if you need them.")
        )


@erasers.register
class AccountEraser(Eraser):
    """Sessions end with the account; an officer's account stays, without its person."""

    key = "people.Account"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Close the accounts."""
        actions.close_accounts(rows.values_list("pk", flat=True), by=by, at=at)


@erasers.register
class PersonEraser(Eraser):
    """Why records were merged may name somebody: it goes with the names."""

    key = "people.Person"

    def erase(self, rows: QuerySet[Any], *, by: Actor, at: datetime) -> None:
        """Blank the records."""
        actions.blank_persons(rows.values_list("pk", flat=True), by=by, at=at)


@access.register
class PersonFiles(FileAccess):
    """Files of the stream ``person:<id>``: for the person, and for officers who may find persons."""

    key = "person"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the actor may see the person's record."""
        try:
            queries.person(UUID(stream.partition(":")[2]), actor=actor)
        except NotFound:
            return False
        return True


slots.register(PageSlot("account", account_links))
slots.register(PageSlot("practice", practice))
slots.register(PageSlot("messages", said))
slots.register(PageSlot("session_end", session_end))
slots.register(PageSlot("identity_provider", identity_provider))

navigation.register(
    NavigationItem("people.officers", "workbench", _("Officers"), "people_officers", 800, may_grant)
)
