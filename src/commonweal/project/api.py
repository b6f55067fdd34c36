"""The API: every app's router under one roof."""

from __future__ import annotations

from commonweal.kernel.base.api import create_api

api = create_api()
