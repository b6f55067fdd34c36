"""What somebody tells who opens an account, beside address and password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base import clock
from commonweal.kernel.base.free_text import readable
from commonweal.kernel.base.types import Actor, ActorKind
from commonweal.kernel.people.actions import open_account
from commonweal.kernel.people.models import Account


class SignupForm(forms.Form):
    """Asks for the name; allauth adds address and password."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = _("Enter your name.")

    def clean_name(self) -> str:
        """Return the name without invisible characters; what is none of anything else is refused."""
        name = readable(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        return name

    def signup(self, request: HttpRequest, user: Account) -> None:
        """Take up the person to whom the new account belongs."""
        open_account(
            user.pk,
            name=self.cleaned_data["name"],
            language=get_language() or "en",
            by=Actor(ActorKind.GUEST, str(user.pk)),
            at=clock.now(),
        )
