"""Runs the program in a child process and answers what the examiner asks. It never sees a test.

Nothing here is trusted: a program may replace all of it, and gains no more than the power over its own answers, which
it has anyway.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import operator
import os
import sys
import threading
from collections.abc import Callable
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from types import ModuleType

from filters.verifiers.programs.sandbox.pipe import receive, send
from filters.verifiers.programs.sandbox.wire import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

MOST = 1 << 32
PROCESSORS = 4
NAME = "solution"
"""`__name__` of a program judged by asserts, so that code under `if __name__ == "__main__"` does not run."""


def set_up() -> None:
    """Add `exit` and `quit`, which Python's `site` module would have added, and name as many processors on every
    machine: pools that have a worker for each would pass the limit on processes on a large one."""
    from _sitebuiltins import Quitter

    builtins.exit, builtins.quit = Quitter("exit", ""), Quitter("quit", "")
    for name in ("cpu_count", "process_cpu_count"):  # the second since Python 3.13
        setattr(os, name, lambda: PROCESSORS)


def run_script(program: str, before: list[str]) -> NoReturn:
    """Run the program as `__main__` on descriptors 0, 1 and 2, after the code that provides names. Never returns."""
    import atexit

    set_up()
    lenient = ("utf-8", "surrogateescape")
    files = [FileIO(at, mode, closefd=False) for at, mode in enumerate("rww")]
    for name, file, stream in (
        ("stdin", files[0], TextIOWrapper(BufferedReader(files[0]), *lenient)),
        ("stdout", files[1], TextIOWrapper(BufferedWriter(files[1]), *lenient)),
        ("stderr", files[2], TextIOWrapper(BufferedWriter(files[2]), "utf-8", "backslashreplace")),
    ):
        # As Python's own have it: competitors' fast readers ask for the mode.
        file.name, stream.mode = f"<{name}>", file.mode[0]  # type: ignore[misc]
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["program.py"]
    module = ModuleType("__main__")
    module.__dict__.update(__builtins__=builtins, __file__="program.py")
    sys.modules["__main__"] = module
    code = 0
    try:
        for text in before:
            exec(compile(text, "setup.py", "exec", dont_inherit=True), module.__dict__)
        exec(compile(program, "program.py", "exec", dont_inherit=True), module.__dict__)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        flush()
        module.__dict__.clear()  # as Python does: what it opened on descriptor 1 itself is written
        flush()
    finally:
        os._exit(code & 255)


def flush() -> None:
    """Write what the streams hold: the last one too, if the program put another in its place."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        with contextlib.suppress(Exception):  # it may be closed, or an object of the program's that has no such method
            stream.flush()  # type: ignore[union-attr]


def serve_program(questions: int, answers: int, job: dict[str, Any]) -> None:
    """Load the program, report that, then answer questions until the examiner hangs up."""
    set_up()
    module = ModuleType(NAME)
    sys.modules[NAME] = module
    space = module.__dict__
    for text in job["before"]:
        # The prompt and the set-up define names for the program, such as imports and node classes. They may fail
        # here, as they may need the program.
        try:
            exec(compile(text, "setup.py", "exec", dont_inherit=True), space)
        except Exception:
            continue
    try:
        exec(compile(job["program"], "program.py", "exec", dont_inherit=True), space)
    except BaseException as error:
        send(answers, failure(error))
        return
    send(answers, {"loaded": True})
    server = Server(questions, answers, space, job["classes"])
    while True:
        server.answer(receive(questions, MOST))


def failure(error: BaseException) -> dict[str, Any]:
    try:
        text = str(error)[:300]
    except BaseException:
        text = ""
    return {"error": [kind.__name__ for kind in type(error).__mro__], "text": text}


class Server:
    """Performs the operations that the examiner asks for, and keeps the objects that stay here."""

    def __init__(self, questions: int, answers: int, space: dict[str, Any], classes: list[str]) -> None:
        self.questions, self.answers = questions, answers
        self.space, self.names = space, classes
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.operations: dict[str, Callable[..., Any]] = {
            "global": self.named,
            "call": lambda function, *arguments, **named: function(*arguments, **named),
            "getattr": getattr,
            "setattr": setattr,
            "isinstance": lambda kind, value: isinstance(value, kind),
            "deepcopy": copy.deepcopy,
            **{name: getattr(builtins, name) for name in ("iter", "next", "len", "str", "repr", "bool", "hash", "abs")},
            **{name: getattr(builtins, name) for name in ("int", "float", "reversed", "round", "format", "dir")},
        }

    def named(self, name: str) -> Any:
        if name in self.space:
            return self.space[name]
        raise NameError(f"name '{name}' is not defined")

    def classes(self) -> dict[str, type]:
        found = {name: self.space.get(name) for name in self.names}
        return {name: kind for name, kind in found.items() if isinstance(kind, type)}

    def answer(self, message: dict[str, Any]) -> None:
        """Perform one operation and send its result, or the error that it raised."""
        try:
            (arguments, named), made = decode(message["value"], self.classes(), self.foreign, functions=True)
            name = message["ask"]
            operation = self.operations.get(name) or getattr(operator, name)
            result = operation(*arguments, **named)
            nodes = message["value"]["nodes"]
            # The call may have changed its arguments, so they go back, but not the list that only carries them.
            received = {at: made[at] for at, node in enumerate(nodes) if len(node) == 3 and node[0] != "date"}
            changed = [value for value in received.values() if value is not arguments and value is not named]
            known = {id(value): at for at, value in received.items()}
            table, _ = encode([result, changed], self.classes(), self.number, known)
        except BaseException as error:
            send(self.answers, failure(error))
        else:
            send(self.answers, {"value": table})

    def number(self, value: Any) -> list[Any]:
        """Return the node of an object that stays here: the number by which the examiner names it."""
        at = self.numbers.get(id(value))
        if at is None:
            at = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return ["remote", at]

    def foreign(self, kind: str, value: Any) -> Any:
        return self.objects[value] if kind == "remote" else self.function(value)

    def function(self, number: int) -> Callable[..., Any]:
        """Return a stand-in for a function of the tests that was passed as an argument: calling it runs the function
        there."""

        def ask(*arguments: Any, **named: Any) -> Any:
            table, _ = encode([arguments, named], self.classes(), self.number)
            send(self.answers, {"callback": number, "value": table})
            while True:
                reply = receive(self.questions, MOST)
                if "ask" not in reply:
                    break
                self.answer(reply)
            if "error" in reply:
                raise getattr(builtins, reply["error"][0], RuntimeError)(reply["text"])
            return decode(reply["value"], self.classes(), self.foreign, functions=True)[0]

        return ask
