"""Runs tasks in processes that can be killed one by one and start only once there is work for them."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pebble import ProcessFuture, ProcessPool

from configs.judging import Judging
from filters.in_worker import EndWithUs, prepare_worker
from filters.rules.rule import Filter

TASKS_PER_PROCESS = 500
"""A process is replaced after this many tasks, so that sympy's caches cannot grow for ever."""
PRELOADED = ["filters.in_worker", "filters.chain"]
"""Modules imported once, in the server from which every process is forked. That server runs no thread and reads no
text of a model."""
Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Pool:
    """A pebble pool whose processes have imported what their tasks need before any time limit starts.

    A task that needs a module which the processes lack moves the pool to new processes; the old ones finish their tasks
    and end.
    """

    def __init__(self, config: Judging, rules: Sequence[Filter], end_with_us: EndWithUs | None = None) -> None:
        self.config, self.rules, self.end_with_us = config, list(rules), end_with_us
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(PRELOADED)
        self.modules: list[str] = []
        self.processes: ProcessPool | None = None
        self.outdated: list[ProcessPool] = []
        self.closing = ThreadPoolExecutor(1)

    def schedule(self, work: Callable[[Argument], Result], argument: Argument, module: str = "") -> ProcessFuture:
        """Return the future of `work(argument)` in a process that has imported `module`. The future raises pebble's
        ProcessExpired if the process died, and TimeoutError if it was killed after `judging.timeout_s`."""
        if module and module not in self.modules:
            self.modules.append(module)
            self.retire()
        if self.processes is None:
            arguments = (self.config.memory_mib, self.rules, self.modules, self.end_with_us)
            self.processes = ProcessPool(
                self.config.workers, TASKS_PER_PROCESS, prepare_worker, arguments, self.context
            )
        return self.processes.schedule(work, (argument,), timeout=self.config.timeout_s)

    def retire(self) -> None:
        """Let the processes finish what was scheduled, then end."""
        if self.processes:
            self.processes.close()
            self.outdated.append(self.processes)
            self.closing.submit(self.processes.join)
            self.processes = None

    def stop(self) -> None:
        """Kill every process, whatever it is doing."""
        for processes in self.outdated:
            processes.stop()
        if self.processes:
            self.processes.stop()
            self.processes.join()
        self.closing.shutdown()  # waits until the outdated pools have been joined
