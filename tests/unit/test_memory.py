"""Garbage goes, and the process can be told to give its pages back."""

import gc
import weakref

from streams.memory import give_back


class Knot:
    def __init__(self) -> None:
        self.me = self


def test_cycles_are_collected_and_calling_again_is_harmless() -> None:
    gc.disable()
    try:
        gone = weakref.ref(Knot())
        assert gone() is not None
        give_back()
        give_back()
        assert gone() is None
    finally:
        gc.enable()
