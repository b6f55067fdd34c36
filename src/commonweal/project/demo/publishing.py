"""Publishes every service of the jurisdiction."""

from __future__ import annotations

from datetime import datetime

from commonweal.kernel.base.jurisdiction import root
from commonweal.kernel.catalogue.actions import publish_folder
from commonweal.kernel.catalogue.errors import BrokenDeclaration
from commonweal.project.demo.settling import BUILDER


def publish_services(*, at: datetime) -> list[str]:
    """Publish each service's folder; return the keys.

    Raises:
        SystemExit: A folder does not compile; the sentence says where.
    """
    keys = sorted(folder.parent.name for folder in root().glob("services/*/service.yaml"))
    for key in keys:
        try:
            publish_folder(key, by=BUILDER, at=at)
        except BrokenDeclaration as error:
            raise SystemExit(f"The service '{key}' does not compile; run `./cw check`.\n{error}") from error
    return keys
