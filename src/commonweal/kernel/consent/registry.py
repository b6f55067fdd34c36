"""Plug-in point of consent: what else than a person a hold can be placed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from commonweal.kernel.base.registry import Registry


class Matter(ABC):
    """The contract: an app knows the matters of one kind, so that officers can name them and place holds on them.

    Attributes:
        key: What its streams in the ledger begin with, for example ``case``.
    """

    key: ClassVar[str]

    @abstractmethod
    def find(self, text: str) -> str:
        """Return the stream of the matter that people call by this name or number; empty where there is none."""

    @abstractmethod
    def agency(self, stream: str) -> str | None:
        """Return whose matter it is; empty where it belongs to no agency, None where there is no such matter."""


matters: Registry[Matter] = Registry("consent.matter")
