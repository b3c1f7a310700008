"""What was lost on the way here, as far as that can be known: nobody repeats a datagram."""

import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from streams.contracts.sentence import BLANK, checksum

_BLOCK = re.compile(rb"\\([^\\*]{1,160})\*([0-9A-Fa-f]{2})\\")
_COUNT = re.compile(rb"(?:^|,)n:([0-9]{1,3})(?:,|$)")
_STATION = re.compile(rb"(?:^|,)s:([^,]{1,15})")
_LAST = 999
"""After line 999 comes line 1 (IEC 61162-450); some begin again with 0."""
_RESTART = _LAST // 2
_LATE = 32
_SENDERS = 1024


@dataclass(slots=True)
class Losses:
    """Counts since the start of a source.

    `kernel`: datagrams dropped since nobody read fast enough. `missing`: lines that a sender has
    numbered and that did not come; `late`: lines that came after one of a higher number, which were
    counted as missing before. `cut`: datagrams longer than is read. `empty`: without a byte.
    """

    kernel: int = 0
    missing: int = 0
    late: int = 0
    cut: int = 0
    empty: int = 0

    @property
    def known(self) -> int:
        """All that is known not to have come."""
        return self.kernel + self.missing - self.late + self.cut

    def __sub__(self, other: "Losses") -> "Losses":
        return Losses(
            self.kernel - other.kernel,
            self.missing - other.missing,
            self.late - other.late,
            self.cut - other.cut,
            self.empty - other.empty,
        )


class LineCounts:
    """Follows the numbers (`n:` in the tag block) that senders give their lines.

    A sender is told by its address and the station (`s:`) it speaks for. Of more than some
    thousand, those not heard for longest are forgotten.
    """

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._last: OrderedDict[Hashable, int] = OrderedDict()

    def see(self, sender: Hashable, raw: bytes) -> None:
        """Count what is missing before this line. A tag block with a wrong checksum counts not."""
        raw = raw.lstrip(BLANK)
        if b"n:" not in raw:
            return
        block = _BLOCK.match(raw.lstrip(BLANK))
        if block is None or checksum(block[1]) != int(block[2], 16):
            return
        count = _COUNT.search(block[1])
        if count is None:
            return
        station = _STATION.search(block[1])
        key = (sender, station[1] if station else b"")
        number = int(count[1])
        last = self._last.get(key)
        if last is None or self._goes_on(last, number):
            self._last[key] = number
        self._last.move_to_end(key)
        if len(self._last) > _SENDERS:
            self._last.popitem(last=False)

    def _goes_on(self, last: int, number: int) -> bool:
        """Whether `number` is the newest now: a line that comes late is not."""
        if number == last:
            return False  # the same datagram twice, or lines of one group
        ahead = number - last if number > last else number - last + _LAST
        if ahead <= _RESTART:
            self._losses.missing += max(0, ahead - 1)
            return True
        if _LAST - ahead <= _LATE:
            self._losses.late += 1
            return False
        return True  # it counts from somewhere else now: it was started anew
