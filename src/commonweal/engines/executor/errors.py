"""What can go wrong between whoever hands out work and those who do it."""

from __future__ import annotations

__all__ = ["ExecutorError", "ExecutorMissing", "WorkFailed", "WorkerLost"]


class ExecutorError(ValueError):
    """Anything that an executor raises of its own."""


class ExecutorMissing(ExecutorError):
    """The executor asked for is not known, or what it needs is not installed."""


class WorkerLost(ExecutorError):
    """Workers died over the same item again and again: killed, or out of memory.

    Attributes:
        number: Place of the item among those handed in.
        tries: How many workers died.
        how: What is known of it; may be empty.
    """

    def __init__(self, number: int, tries: int, how: str = "") -> None:
        super().__init__(number, tries, how)  # all of them, so that the error can be sent
        self.number, self.tries, self.how = number, tries, how

    def __str__(self) -> str:
        return (
            f"Item {self.number}: {self.tries} workers died over it, one after the other{self.how}. "
            "Often memory has run out: use fewer workers or smaller batches."
        )


class WorkFailed(ExecutorError):
    """The work itself raised something that cannot be sent between processes; its text is kept.

    Attributes:
        number: Place of the item among those handed in.
        text: Kind and message of what was raised.
    """

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number, text)
        self.number, self.text = number, text

    def __str__(self) -> str:
        return f"Item {self.number}: {self.text}"
