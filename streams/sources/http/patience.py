"""HTTP/1.1 by uvicorn, with an end to waiting: a request's head has to come within seconds.

uvicorn waits forever for the first byte, and for the rest of a head that has begun: a few hundred
such connections would shut everybody else out.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def patient(head_s: float) -> type[H11Protocol]:
    """The protocol, which hangs up on a connection whose request's head takes longer."""

    class Patient(H11Protocol):
        _head: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._answering() or self._between_requests():
                self._stop_waiting()
            else:
                self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _between_requests(self) -> bool:
            """Answered, and nothing of a next head is here: uvicorn's keep-alive counts."""
            quiet = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
            return self.cycle is not None and quiet

        def _wait(self) -> None:
            if self._head is None:
                self._head = self.loop.call_later(head_s, self._hang_up)

        def _stop_waiting(self) -> None:
            if self._head is not None:
                self._head.cancel()
                self._head = None

        def _hang_up(self) -> None:
            self._head = None
            if not self._answering():
                self.transport.close()

    return Patient
