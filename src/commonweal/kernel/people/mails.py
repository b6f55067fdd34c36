"""What we write when somebody signs in or changes how: plain text, no links to click, no personal data.

Keys are the names under which allauth asks for a mail.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Mail:
    """One kind of mail; its texts may hold ``{city}``, ``{code}`` and ``{phone}``.

    Attributes:
        subject: One line.
        paragraphs: The text.
    """

    subject: str | Promise
    paragraphs: tuple[str | Promise, ...]


_NEVER_TELL = _("It is valid for a few minutes. Do not give it to anybody; we never ask for it by phone.")
_NOT_ASKED = _("If you did not ask for it, you need do nothing.")
_NOT_YOU = _("If it was not you, change your password at once and call us: {phone}.")
_THE_CODE = "    {code}"


def _code(subject: str | Promise, opening: str | Promise) -> Mail:
    return Mail(subject, (opening, _THE_CODE, _NEVER_TELL, _NOT_ASKED))


def _notice(what: str | Promise) -> Mail:
    return Mail(_("Your account with {city} was changed"), (what, _NOT_YOU))


_CONFIRM = _code(_("Confirm your e-mail address"), _("Your code to confirm this address with {city} is:"))

MAILS: dict[str, Mail] = {
    "account/email/login_code": _code(_("Your sign-in code"), _("Your code to sign in to {city} is:")),
    "account/email/email_confirmation": _CONFIRM,
    "account/email/email_confirmation_signup": _CONFIRM,
    "account/email/password_reset_code": _code(
        _("Your code for a new password"), _("Your code to choose a new password with {city} is:")
    ),
    "account/email/unknown_account": Mail(
        _("No account with {city}"),
        (
            _("Somebody asked for a code with this address, but no account with {city} uses it."),
            _("Perhaps you used another address. If it was not you, you need do nothing."),
        ),
    ),
    "account/email/account_already_exists": Mail(
        _("You have an account already"),
        (
            _("Somebody wanted to open an account with {city} with this address, but there is one already."),
            _("If it was you, sign in, or ask there for a new password."),
        ),
    ),
    "account/email/password_changed": _notice(_("The password of your account with {city} was changed.")),
    "account/email/password_reset": _notice(_("The password of your account with {city} was changed.")),
    "account/email/password_set": _notice(_("Your account with {city} got a password.")),
    "account/email/email_changed": _notice(
        _("The main e-mail address of your account with {city} was changed.")
    ),
    "account/email/email_deleted": _notice(_("An e-mail address was removed from your account with {city}.")),
    "mfa/email/totp_activated": _notice(
        _("An authenticator app was switched on for your account with {city}.")
    ),
    "mfa/email/totp_deactivated": _notice(
        _("The authenticator app was switched off for your account with {city}.")
    ),
    "mfa/email/recovery_codes_generated": _notice(
        _("New recovery codes were made for your account with {city}.")
    ),
    "mfa/email/webauthn_added": _notice(_("A passkey was added to your account with {city}.")),
    "mfa/email/webauthn_removed": _notice(_("A passkey was removed from your account with {city}.")),
    "socialaccount/email/account_connected": _notice(
        _("An account of another site was connected to your account with {city}.")
    ),
    "socialaccount/email/account_disconnected": _notice(
        _("An account of another site was disconnected from your account with {city}.")
    ),
}

MESSAGES: dict[str, str | Promise] = {
    "account/messages/cannot_delete_primary_email.txt": _("You cannot remove your main address."),
    "account/messages/email_confirmed.txt": _("Your e-mail address is confirmed."),
    "account/messages/email_deleted.txt": _("The address is removed."),
    "account/messages/password_changed.txt": _("Your password is changed."),
    "account/messages/password_set.txt": _("Your password is saved."),
    "account/messages/primary_email_set.txt": _("This is now your main address."),
    "account/messages/unverified_primary_email.txt": _(
        "Confirm the address before you make it the main one."
    ),
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is switched on."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is switched off."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "socialaccount/messages/account_connected.txt": _("The account is connected."),
    "socialaccount/messages/account_connected_other.txt": _("That account is connected to another one here."),
    "socialaccount/messages/account_disconnected.txt": _("The account is disconnected."),
    "usersessions/messages/sessions_logged_out.txt": _("You are signed out everywhere else."),
}
