"""Memory given back to the system while a process runs for months.

Every batch leaves holes of many sizes behind, and the C library keeps them: the process would grow
by some hundred bytes a message although nothing in it does (docs/decisions/0008).
"""

import asyncio
import ctypes
import gc
from typing import Final

EVERY_S: Final = 60.0


async def keep_small() -> None:
    """Give memory back once a minute, until cancelled."""
    gc.collect()
    gc.freeze()  # what lives as long as the process need not be looked at again
    while True:
        await asyncio.sleep(EVERY_S)
        give_back()


def give_back() -> None:
    """Collect what is garbage and return free pages; some milliseconds. Elsewhere than with glibc
    only the garbage is collected.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
