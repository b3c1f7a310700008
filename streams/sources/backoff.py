"""How long to wait before trying again."""

import random
from dataclasses import dataclass, field

_chance = random.SystemRandom()


@dataclass(slots=True)
class Backoff:
    """Waits that double from `first_s` up to `most_s`, each shortened by up to a half at random.

    The chance keeps many clients from coming back in the same instant after a restart.
    """

    first_s: float
    most_s: float
    _next_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.reset()

    def wait_s(self) -> float:
        """Seconds to wait now; the next wait will be longer."""
        wait_s = self._next_s
        self._next_s = min(self.most_s, wait_s * 2)
        return wait_s * _chance.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: the next wait is the shortest again."""
        self._next_s = min(self.first_s, self.most_s)
