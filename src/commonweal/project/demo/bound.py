"""`python -m commonweal.project.demo.bound PARENT COMMAND …`: becomes a command that ends when its parent ends.

Without this, a supervisor that is killed outright would leave its programs behind.
Source: prctl(2), ``PR_SET_PDEATHSIG``; it outlives exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask the kernel for SIGTERM at the parent's death, then become the command."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)  # it died before we asked
    os.execvp(command[0], command)  # noqa: S606 - a command of our own making


if __name__ == "__main__":
    main(sys.argv[1:])
