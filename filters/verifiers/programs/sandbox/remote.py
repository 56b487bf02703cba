"""Stands in for what the program defines, on the tests' side.

Calling a `Remote` sends the arguments over and brings the result back as plain data, so every comparison with an
expected value is made by Python's own types. Objects of the program's own classes stay in its process and are `Remote`s
too; they equal nothing but one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Remote:
    """A function, class or object of the program."""

    def __init__(self, examiner: Any, number: int) -> None:
        object.__setattr__(self, "_examiner", examiner)
        object.__setattr__(self, "_number", number)

    def _ask(self, operation: str, *arguments: Any, **named: Any) -> Any:
        return object.__getattribute__(self, "_examiner").ask(operation, self, *arguments, **named)

    def _ask_for(self, kind: type, operation: str) -> Any:
        result = self._ask(operation)
        if type(result) is not kind:
            raise TypeError(f"{operation}() gave no {kind.__name__}")
        return result

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._ask("call", *arguments, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__", "__dict__"):
            raise AttributeError(name)
        return self._ask("getattr", name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask("setattr", name, value)

    def __eq__(self, other: object) -> bool:
        """Compare two of the program's objects by their own `==`. Anything else never equals such an object."""
        if isinstance(other, Remote):
            return self is other or self._ask("eq", other) is True
        return False

    def __iter__(self) -> Iterator[Any]:
        iterator = self._ask("iter")
        while isinstance(iterator, Remote):
            try:
                value = iterator._ask("next")
            except StopIteration:
                return
            yield value

    def __next__(self) -> Any:
        return self._ask("next")

    def __bool__(self) -> bool:
        return self._ask_for(bool, "bool")

    def __len__(self) -> int:
        return self._ask_for(int, "len")

    def __hash__(self) -> int:
        return self._ask_for(int, "hash")

    def __str__(self) -> str:
        return self._ask_for(str, "str")

    def __repr__(self) -> str:
        return self._ask_for(str, "repr")

    def __instancecheck__(self, value: object) -> bool:
        return self._ask("isinstance", value) is True

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._ask("deepcopy")


def arithmetic(name: str, swapped: bool = False) -> Callable[..., Any]:
    """Make an operator that refuses to combine an object and a value of the tests into a plain value: `abs(f(x) - 2)
    < 1e-6` would hold for an object whose difference to everything is 0. Two of the program's objects may give
    anything."""

    def method(self: Remote, *others: Any) -> Any:
        pair = (others[0], self) if swapped else (self, *others)
        result = object.__getattribute__(self, "_examiner").ask(name, *pair)
        plain = [other for other in others if not isinstance(other, Remote)]
        return NotImplemented if plain and not isinstance(result, Remote) else result

    return method


def forward(name: str) -> Callable[..., Any]:
    return lambda self, *others: self._ask(name, *others)


def ordering(name: str) -> Callable[..., Any]:
    def method(self: Remote, other: Any) -> Any:
        return self._ask(name, other) is True if isinstance(other, Remote) else NotImplemented

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"):
    setattr(Remote, f"__{_name.strip('_')}__", arithmetic(_name))
    setattr(Remote, f"__r{_name.strip('_')}__", arithmetic(_name, swapped=True))
for _name in ("getitem", "setitem", "delitem", "neg", "invert"):
    setattr(Remote, f"__{_name}__", forward(_name))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", ordering(_name))
