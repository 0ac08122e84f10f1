"""Whose turn it is to write. SQLite has one writer; threads that wait for it are served in the order in which they came."""

from __future__ import annotations

from collections import deque
from threading import Event, Lock, get_ident
from types import TracebackType


class Turnstile:
    """A fair lock: `threading.Lock` may let one thread starve."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._busy = False
        self._owner = 0  #: the thread whose turn it is
        self._waiting: deque[Event] = deque()

    def __enter__(self) -> None:
        """Wait for one's turn.

        Raises:
            RuntimeError: it is this thread's turn already; it would wait for itself.
        """
        me = get_ident()
        if self._owner == me:
            raise RuntimeError("This thread is writing already. A command can't trigger an event: it asks for it by context.later(reference, event).")
        self._wait()
        self._owner = me

    def _wait(self) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            turn = Event()
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:  # Ctrl-C: nobody else may wait for a thread that has gone
            self._give_up(turn)
            raise

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._owner = 0
        with self._guard:
            self._pass_on()

    def _give_up(self, turn: Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._pass_on()  # it came just now

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().set()  # handed over: it stays busy
        else:
            self._busy = False
