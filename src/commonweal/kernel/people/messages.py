"""What was just done, kept for the next page as Django does it (``MESSAGE_STORAGE``)."""

from __future__ import annotations

from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property


class MessageStorage(FallbackStorage):
    """Django's, whose parts are made only where there is a message: nearly every page has none."""

    def __init__(self, request: HttpRequest) -> None:
        BaseStorage.__init__(self, request)
        self._used_storages: set[BaseStorage] = set()

    @cached_property
    def storages(self) -> list[BaseStorage]:
        """The cookie, and the session for what is too long for it."""
        return [storage(self.request) for storage in self.storage_classes]

    def _get(self) -> tuple[list[Any], bool]:
        if CookieStorage.cookie_name not in self.request.COOKIES:
            return [], False  # then Django does not look into the session either
        found: tuple[list[Any], bool] = super()._get()  # type: ignore[misc]  # missing in django-stubs
        return found

    def _store(self, messages: list[Any], response: HttpResponse) -> list[Any]:
        if not messages and not self._used_storages:
            return []
        left: list[Any] = super()._store(messages, response)  # type: ignore[misc]  # likewise
        return left
