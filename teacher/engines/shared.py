"""An engine that several stages use one after the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


Engine = TypeVar("Engine", bound=Closable)


class SharedEngine(AbstractContextManager["SharedEngine"]):
    """The engine of the stages that are built one after the other in one process: the first one that has something to
    draw starts it, and it is closed after the last. All of them ask for the same kind."""

    def __init__(self) -> None:
        self.engine: Any = None

    def borrow(self, start: Callable[[], Engine]) -> Engine:
        """The running engine, or the one that `start` starts. Who borrows it leaves it open."""
        if self.engine is None:
            self.engine = start()
        engine: Engine = self.engine
        return engine

    def __exit__(self, *_: object) -> None:
        if self.engine is not None:
            self.engine.close()
