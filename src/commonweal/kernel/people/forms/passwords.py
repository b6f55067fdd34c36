"""The password's form, in the words of our other pages."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as Theirs
from django.utils.translation import gettext_lazy as _


class ChangePasswordForm(Theirs):  # type: ignore[misc]  # allauth is untyped
    """Asks for the old password, and twice for the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Your password now")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password once more")
