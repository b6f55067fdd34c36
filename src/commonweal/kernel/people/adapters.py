"""How allauth works in this house: our words, our pages, our accounts."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.encryption import decrypt, encrypt
from commonweal.kernel.base.jurisdiction import current, current_in
from commonweal.kernel.base.pages import items
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people.actions import open_account
from commonweal.kernel.people.mails import MAILS, MESSAGES
from commonweal.kernel.people.models import Account
from commonweal.kernel.people.queries import actor_of

RECENT_S = 300
WRONG_CODE = _("This code is not right, or no longer valid. Check it, or get another one.")
CONTEXT = "mfa_authenticator.data"

# allauth is untyped, hence the ignored subclassing of `Any` below.


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    """Accounts without a user name; mails and messages from our own tables."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("The password is not right."),
        "too_many_login_attempts": _("There were too many attempts. Wait five minutes and try again."),
        "duplicate_email": _("You have added this address already."),
        "email_taken": _("You cannot use this address here."),
        "enter_current_password": _("Enter the password that you use now."),
        "rate_limited": _("There were too many attempts. Wait a few minutes and try again."),
    }

    def new_user(self, request: HttpRequest) -> Account:
        """Return an account that is not stored yet."""
        return Account(created_at=clock.now())

    def get_from_email(self) -> str:
        """Return the government as sender."""
        return f"{current().name} <{current().email}>"

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """Return the mail of a kind, as plain text."""
        mail = MAILS[template_prefix]
        values = {"city": current_in().name, "phone": current().phone, "code": context.get("code", "")}
        text = "\n\n".join(str(paragraph).format_map(values) for paragraph in mail.paragraphs)
        subject = " ".join(str(mail.subject).format_map(values).split())
        return EmailMessage(
            subject, f"{text}\n\n{current_in().name}\n", self.get_from_email(), [email], headers=headers
        )

    def add_message(  # noqa: PLR0917 - allauth's signature
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say what happened on the next page, in our own words; what goes without saying is left out."""
        text = message or MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, str(text), extra_tags)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether to ask for the password or passkey once more: not within five minutes of signing in."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < RECENT_S:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where to go after signing in: officers to their workbench, residents to the start page."""
        actor = actor_of(request.user)  # type: ignore[arg-type]  # somebody has just signed in
        if actor.kind is ActorKind.OFFICER:
            for item in items("workbench", actor):
                return reverse(item.url_name)
        return str(super().get_login_redirect_url(request))


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped
    """Accounts that another site vouches for."""

    def new_user(self, request: HttpRequest, sociallogin: Any) -> Account:
        """Return an account that is not stored yet."""
        return Account(created_at=clock.now())

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Account:
        """Store the account together with its person, under the name that the other site tells."""
        with transaction.atomic():
            account: Account = super().save_user(request, sociallogin, form)
            data = sociallogin.account.extra_data
            claims = data.get("userinfo", data)
            open_account(
                account.pk,
                name=str(claims.get("name") or account.email.partition("@")[0])[:200],
                language=get_language() or "en",
                by=Actor(ActorKind.GUEST, str(account.pk)),
                at=clock.now(),
            )
        return account


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped
    """Second steps whose secrets lie encrypted."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "unverified_email": _("Confirm your e-mail addresses first."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt the secret of an authenticator app or of recovery codes."""
        return b64encode(encrypt(text.encode(), context=CONTEXT)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what :meth:`encrypt` made."""
        return decrypt(b64decode(encrypted_text), context=CONTEXT).decode()

    def get_totp_issuer(self) -> str:
        """Return the name that the app shows."""
        return current().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return how devices name this site beside the passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": current().name}
