"""Children do not outlive us: the kernel tells them when the process that started them is gone."""

import ctypes
import os
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: nothing may be loaded after a fork


def die_with_parent(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: the child gets `sign` when the thread that started it ends, even by SIGKILL.

    It runs after subprocess has changed the user, which would clear the setting (prctl(2)).
    """
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and this line
            os.kill(os.getpid(), sign)

    return arrange
