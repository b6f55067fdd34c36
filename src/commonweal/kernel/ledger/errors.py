"""What can go wrong in the ledger."""

from __future__ import annotations

from commonweal.kernel.base.errors import CommonwealError


class OutsideTransaction(CommonwealError):
    """A defect of the caller: an entry must share the transaction of the change it tells of."""

    code = "ledger-outside-transaction"


class NoTimeZone(CommonwealError):
    """A defect of the caller: a time without a zone says nothing."""

    code = "ledger-no-time-zone"


class CannotErase(CommonwealError):
    """The system's own key keeps the entries that are about nobody."""

    code = "ledger-cannot-erase"
