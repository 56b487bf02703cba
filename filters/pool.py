"""Runs tasks in processes that can be killed one by one and start only once there is work for them."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from configs.judging import Judging
from filters.forking import compile_for_workers
from filters.replies import Reader
from filters.rules.rule import Filter
from filters.worker_process import WorkerProcess

Waiting = tuple[Callable[[Any], Any], Any, Reader, str, "Future[Any]"]


class Pool:
    """A number of worker processes, each served by a thread. A process that ended is replaced when the next task comes
    to it, whatever ended it."""

    def __init__(self, config: Judging, rules: Sequence[Filter]) -> None:
        self.config, self.rules = config, list(rules)
        self.modules: list[str] = []
        self.waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self.processes: set[WorkerProcess] = set()
        self.threads: list[Thread] = []
        self.lock, self.is_stopped = Lock(), False

    def schedule(self, work: Callable[[Any], Any], argument: Any, reader: Reader, module: str = "") -> "Future[Any]":
        """Return the future of what `reader` makes of `work(argument)`, in a process that has imported `module`. It
        raises WorkerDied if the process died or gave no result, TimeoutError if it was killed after
        `judging.timeout_s`, and CancelledError if the pool is stopped."""
        if module and module not in self.modules:
            compile_for_workers(module)
            self.modules.append(module)
        if not self.threads:
            self.threads = [Thread(target=self.serve, daemon=True) for _ in range(self.config.workers)]
            for thread in self.threads:
                thread.start()
        future: Future[Any] = Future()
        with self.lock:  # what is put behind the stop is never taken
            if self.is_stopped:
                future.cancel()
            else:
                self.waiting.put((work, argument, reader, module, future))
        return future

    def serve(self) -> None:
        """Give tasks to one process after the other, until the pool is stopped."""
        process: WorkerProcess | None = None
        while task := self.waiting.get():
            work, argument, reader, module, future = task
            if self.is_stopped:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if process and not (process.is_usable and module in process.modules | {""}):
                    self.end(process)
                    process = None
                process = process or self.started()
                result = process.run(work, argument, reader)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        if process:
            self.end(process)

    def started(self) -> WorkerProcess:
        process = WorkerProcess(self.config, self.rules, tuple(self.modules))
        with self.lock:
            self.processes.add(process)
        if self.is_stopped:
            process.kill()
        try:
            process.prepare()
        except BaseException:
            self.end(process)
            raise
        return process

    def end(self, process: WorkerProcess) -> None:
        with self.lock:
            self.processes.discard(process)
        process.end()

    def stop(self) -> None:
        """Kill every process, whatever it is doing, and cancel what waits."""
        with self.lock:
            self.is_stopped = True
            for process in self.processes:
                process.kill()
        for _ in self.threads:
            self.waiting.put(None)
        for thread in self.threads:
            if thread.is_alive():  # not where Ctrl-C or a limit came before its start
                thread.join()
