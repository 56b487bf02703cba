"""Runs the tests in a process that never runs the program, and asks the program's process for values."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable

from filters.verifiers.programs.sandbox.pipe import Closed, Gone, receive, send
from filters.verifiers.programs.sandbox.remote import Remote
from filters.verifiers.programs.sandbox.wire import Unsupported, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeGuard


class Examiner:
    """Asks the program's process for values on behalf of the tests. Raises Closed if that process breaks the
    protocol."""

    def __init__(self, answers: int, questions: int, most: int) -> None:
        self.answers, self.questions, self.most = answers, questions, most
        self.asked = 0
        self.functions: list[Callable[..., Any]] = []
        self.classes: dict[str, type] = {}
        self.remotes: dict[int, Remote] = {}

    def ask(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """Let the program's process perform an operation and return the result. An error there is raised here."""
        self.asked += 1
        table, objects = encode([arguments, named], self.classes, self.number)
        self.send({"ask": operation, "value": table})
        while True:
            reply = receive(self.answers, self.most)
            if "callback" not in reply:
                break
            self.call_back(reply)
        if "error" in reply:
            raise self.raised(reply, operation)
        return self.read(reply["value"], objects)[0]

    def send(self, message: dict[str, Any]) -> None:
        try:
            send(self.questions, message)
        except BrokenPipeError:
            raise Gone("it has ended") from None

    def read(self, table: Any, objects: list[Any] | None = None) -> Any:
        try:
            return decode(table, self.classes, self.remote, objects)[0]
        except Exception as error:
            raise Closed(f"it sent an unreadable value ({type(error).__name__})") from None

    def raised(self, reply: dict[str, Any], operation: str) -> BaseException:
        """Return the nearest built-in exception for an error of the program. A StopIteration would end a test's
        `map` early and so pass the test."""
        for name in reply["error"]:
            kind = vars(builtins).get(name)
            if isinstance(kind, type) and issubclass(kind, BaseException):
                if kind is StopIteration and operation != "next":
                    kind = RuntimeError
                try:
                    return kind(str(reply["text"]))
                except TypeError:  # some, such as UnicodeDecodeError, require five arguments
                    continue
        raise Closed("it sent an error without a name")

    def call_back(self, reply: dict[str, Any]) -> None:
        """Run a function of the tests that the program calls, and send back its result."""
        try:
            function = self.functions[reply["callback"]]
            arguments, named = self.read(reply["value"])
        except (LookupError, TypeError, ValueError):
            raise Closed("it called a function that does not exist") from None
        try:
            table, _ = encode(function(*arguments, **named), self.classes, self.number)
        except Exception as error:
            self.send({"error": [type(error).__name__], "text": str(error)[:300]})
        else:
            self.send({"value": table})

    def number(self, value: Any) -> list[Any]:
        """Return the node of a value that cannot travel: a Remote, or a function of the tests."""
        if isinstance(value, Remote):
            return ["remote", object.__getattribute__(value, "_number")]
        if isinstance(value, type) or not callable(value):
            raise Unsupported(f"a test passes a {type(value).__name__} to the program")
        self.functions.append(value)
        return ["callback", len(self.functions) - 1]

    def remote(self, kind: str, value: Any) -> Any:
        """Return the stand-in for an object of the program, always the same one."""
        if kind != "remote" or type(value) is not int:
            raise ValueError(kind)
        return self.remotes.setdefault(value, Remote(self, value))


class Names(dict[str, object]):
    """The tests' globals: first their own names, then those that may come from the program. A built-in that the
    program redefines counts only if the tests are about it."""

    def __init__(self, examiner: Examiner, replaced: list[str], own: list[str] | None, refused: list[str]) -> None:
        super().__init__(__builtins__=builtins, __name__="tests")
        self.examiner, self.replaced, self.own, self.refused = examiner, replaced, own, refused

    def __missing__(self, name: str) -> Any:
        if (name in vars(builtins) and name not in self.replaced) or name.startswith("__"):
            raise KeyError(name)
        if name in self.refused or (self.own is not None and name not in self.own):
            raise Unsupported(f"the tests use {name}, which nothing defines")
        try:
            return self.examiner.ask("global", name)
        except NameError:
            raise KeyError(name) from None


def examine(answers: int, questions: int, most: int, job: dict[str, Any], tests: dict[str, Any]) -> dict[str, Any]:
    """Run the tests. Return how often they `asked` the program, or the `error` that ended them, with `gone` set if
    the program was no longer there to answer; `unsupported` if the tests cannot be run this way."""
    try:
        setup, codes = (
            [compile(text, "tests.py", "exec", 0, True) for text in tests[key]] for key in ("setup", "tests")
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"unsupported": f"the tests do not compile: {error}"[:300]}
    if any("numpy" in text or "np." in text for key in ("setup", "tests") for text in tests[key]):
        from filters.verifiers.programs.sandbox import plain_numpy

        sys.modules["numpy"] = plain_numpy
    examiner, where = Examiner(answers, questions, most), "program"
    try:
        loaded = receive(answers, most)
        if "error" in loaded:
            return {"error": describe(where, str(loaded["error"][0]), str(loaded["text"]))}
        names = Names(examiner, tests["replaced"], tests["own"], tests["refused"])
        where = "setup"
        for statement in tests["imports"]:
            exec(statement, names)
        for code in setup:
            exec(code, names)
            for name in tests["hidden"]:  # the prompt's unfinished version of what the program has to define
                names.pop(name, None)
            found = {name: dict.get(names, name) for name in job["classes"]}
            examiner.classes = {name: kind for name, kind in found.items() if shareable(kind)}
        for at, code in enumerate(codes):
            where = f"test {at + 1}"
            exec(code, names)
    except Unsupported as error:
        return {"unsupported": str(error)}
    except Closed as error:
        return {"gone": isinstance(error, Gone), "error": describe(where, "program", str(error))}
    except BaseException as error:
        return fault(error, where)
    return {"asked": examiner.asked}


def fault(error: BaseException, where: str) -> dict[str, Any]:
    """Return what the examiner reports of an error in a test. Only an import of the test's own names its module: an
    error that came from the program is text."""
    if isinstance(error, ImportError) and error.name:
        return {"unsupported": f"{where} imports {error.name}, which is not there"}
    try:
        text = str(error)
    except BaseException:  # the error may hold a Remote, whose text comes from the program
        text = ""
    return {"error": describe(where, type(error).__name__, text)}


def describe(where: str, kind: str, text: str) -> str:
    """Return an error as text: where it occurred, its kind and its message."""
    return f"{where}: {kind}: {text}"[:300].strip(" :")


def shareable(kind: Any) -> TypeGuard[type]:
    """Return True for a plain class whose instances consist of their attributes."""
    return isinstance(kind, type) and kind.__new__ is object.__new__ and kind.__dictoffset__ != 0
