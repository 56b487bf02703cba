"""An engine that several stages use, one after the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


Engine = TypeVar("Engine", bound=Closable)


class SharedEngine(AbstractContextManager["SharedEngine"]):
    """Holds the engine of stages that are built one after the other in one process. The first stage with something to
    draw starts it, and it is closed after the last stage. All of them need the same engine."""

    def __init__(self) -> None:
        self.engine: Any = None

    def borrow(self, start: Callable[[], Engine]) -> Engine:
        """Return the running engine, starting it with `start` if there is none. The borrower must not close it."""
        if self.engine is None:
            self.engine = start()
        engine: Engine = self.engine
        return engine

    def __exit__(self, *_: object) -> None:
        if self.engine is not None:
            self.engine.close()
