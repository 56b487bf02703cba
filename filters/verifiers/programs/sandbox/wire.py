"""Carries values between two processes that do not trust each other: JSON, a flat table of nodes, plain data types
only.

Neither pickle nor marshal would do: a hostile sender can make them run code, patch a class or crash. A table is not
nested, so neither a list of 10,000 linked nodes nor a cycle is a problem. This runs inside the sandbox, so it uses only
the standard library.
"""

from __future__ import annotations

import builtins
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from types import BuiltinFunctionType

from filters.verifiers.programs.sandbox.bounds import decimal_of, fraction_of, integer, range_of
from filters.verifiers.programs.sandbox.pipe import Closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Table = dict[str, Any]

ATOMS = (bool, type(None), str, float)
DATA_TYPES = frozenset(
    ["bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"]
)
SMALL = 1 << 200
SHELLS: dict[str, Callable[[], Any]] = {
    "list": list, "set": set, "dict": dict, "deque": deque, "Counter": Counter, "OrderedDict": OrderedDict
}  # fmt: skip
MUTABLE: tuple[tuple[type, str], ...] = tuple(
    (kind, name) for name, kind in reversed(SHELLS.items()) if isinstance(kind, type)
)


class Unsupported(BaseException):
    """A value that cannot be carried. It is not an Exception, so that no `except` of a test hides it."""


def encode(
    root: Any, classes: dict[str, type], foreign: Callable[[Any], list[Any]], known: dict[int, int] | None = None
) -> tuple[Table, list[Any]]:
    """Return the table of a value, and its mutable objects by node index (None for others).

    Instances of `classes` travel by value, as the class's name and their attributes. `foreign` makes the node of a
    value that is not plain data. `known` maps ids of objects that came from the other side to their index there.
    """
    nodes: list[Any] = []
    objects: list[Any] = []
    index: dict[int, int] = {}
    known = known or {}

    def place(value: Any, node: Any, mutable: bool) -> int:
        index[id(value)] = len(nodes)
        nodes.append(node)
        objects.append(value if mutable else None)
        return len(nodes) - 1

    def child(value: Any) -> Any:
        return value if is_atom(value) else [index[id(value)]]

    kept, stack = [], [(root, 0)]
    while stack:
        value, at = stack.pop()
        if is_atom(value) or (not at and id(value) in index):
            continue
        kept.append(value)  # an id is unique only while its object lives
        if at:
            kind, parts = parts_of(value, classes)
            content = [child(part) for part in parts]
            if kind in ("tuple", "frozenset"):
                if id(value) not in index:
                    place(value, [kind, content], False)
            else:
                nodes[index[id(value)]] = [kind, content, known.get(id(value), -1)]
            continue
        kind, parts = parts_of(value, classes)
        if not kind:
            node = leaf(value)
            place(value, foreign(value) if node is None else node, False)
            continue
        if kind not in ("tuple", "frozenset"):
            place(value, None, True)
        stack.append((value, 1))
        stack.extend((part, 0) for part in reversed(parts))
    return {"nodes": nodes, "root": child(root)}, objects


def is_atom(value: Any) -> bool:
    """Return True for a value that JSON carries as it is."""
    return type(value) in ATOMS or (type(value) is int and -SMALL < value < SMALL)


def parts_of(value: Any, classes: dict[str, type]) -> tuple[str, list[Any]]:
    """Return the kind of a container and its contents, read by the base type's own methods; "" for any other value."""
    kind = type(value)
    if classes.get(kind.__name__) is kind:
        state = vars(value)
        return "class " + kind.__name__, [part for pair in state.items() for part in pair]
    for base, name in MUTABLE:
        if issubclass(kind, base):
            if issubclass(base, dict):
                return name, [part for pair in dict.items(value) for part in pair]
            return name, list(base.__iter__(value))  # type: ignore[attr-defined]
    if issubclass(kind, tuple):
        return "tuple", list(tuple.__iter__(value))
    if issubclass(kind, frozenset):
        return "frozenset", list(frozenset.__iter__(value))
    return "", []


def leaf(value: Any) -> list[Any] | None:  # noqa: PLR0911  one case a line
    """Return the node of a value that holds no others; None if it is foreign. An instance of a subclass keeps only
    its plain value."""
    kind = type(value)
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
        kind = type(value)
    if issubclass(kind, int):
        return ["int", int.__format__(value, "x")] if not is_enum(kind) else None
    if issubclass(kind, str):
        return ["str", str.__str__(value)] if not is_enum(kind) else None
    if issubclass(kind, float):
        return ["float", float.__float__(value)]
    if issubclass(kind, complex):
        return ["complex", [value.real, value.imag]]
    if issubclass(kind, (bytes, bytearray)):
        return ["bytes", bytes(value).hex()]
    if kind is range:
        return ["range", [f"{part:x}" for part in (value.start, value.stop, value.step)]]
    if kind.__module__ in ("decimal", "fractions") and kind.__name__ in ("Decimal", "Fraction"):
        return [
            kind.__name__,
            str(value)
            if kind.__name__ == "Decimal"
            else [f"{part:x}" for part in (value.numerator, value.denominator)],
        ]
    if kind.__module__ == "datetime" and kind.__name__ in ("date", "time", "datetime"):
        return ["date", kind.__name__, value.isoformat()]
    if kind.__module__ == "datetime" and kind.__name__ == "timedelta":
        return ["timedelta", [value.days, value.seconds, value.microseconds]]
    if isinstance(value, (type, BuiltinFunctionType)) and vars(builtins).get(kind_name := value.__name__) is value:
        return ["builtin", kind_name]
    return None


def is_enum(kind: type) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and issubclass(kind, enum.Enum)


def decode(
    table: Table,
    classes: dict[str, type],
    foreign: Callable[[str, Any], Any],
    originals: list[Any] | None = None,
    functions: bool = False,
) -> tuple[Any, list[Any]]:
    """Return the value of a table, and its objects by node index. Objects from this side that come back are changed
    in place."""
    nodes, originals = table["nodes"], originals or []
    made: list[Any] = [None] * len(nodes)
    holders = []
    for at, node in enumerate(nodes):
        if node[0] in SHELLS or node[0].startswith("class "):
            made[at] = shell(node, classes, originals)
            holders.append(at)

    def child(part: Any) -> Any:
        return made[part[0]] if type(part) is list else part

    for at, node in enumerate(nodes):
        if node[0] in ("tuple", "frozenset"):
            made[at] = (tuple if node[0] == "tuple" else frozenset)(child(part) for part in node[1])
        elif made[at] is None:
            made[at] = plain(node, foreign, functions)
    # The members of a set and the keys of a dict must be complete before they are hashed: attributes and lists first.
    for at in sorted(holders, key=lambda at: not nodes[at][0].startswith(("class ", "list"))):
        fill(made[at], nodes[at][0], [child(part) for part in nodes[at][1]])
    return child(table["root"]), made


def shell(node: list[Any], classes: dict[str, type], originals: list[Any]) -> Any:
    """Return an empty object to be filled later, or the original if it came from this side."""
    kind, _, origin = node
    if 0 <= origin < len(originals) and originals[origin] is not None:
        return originals[origin]
    if kind in SHELLS:
        return SHELLS[kind]()
    return object.__new__(classes[kind.removeprefix("class ")])


def fill(holder: Any, kind: str, parts: list[Any]) -> None:
    """Give an object the contents that its node lists."""
    if kind.startswith("class "):
        state = dict(zip(parts[::2], parts[1::2], strict=True))
        # An attribute must not hide a method of a class of the tests: with `same` = str, `same(x)` would be true.
        if any(callable(getattr(type(holder), name, None)) for name in state):
            raise Closed("an attribute has the name of a method")
        vars(holder).clear()
        vars(holder).update(state)
    elif isinstance(holder, dict):
        holder.clear()
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            holder[key] = value
    elif isinstance(holder, set):
        holder.clear()
        holder.update(parts)
    else:
        holder.clear()
        holder.extend(parts)


def plain(node: list[Any], foreign: Callable[[str, Any], Any], functions: bool) -> Any:  # noqa: PLR0911  one case a line
    """Return the value of a node that holds no others."""
    kind, value = node[0], node[1]
    if kind in ("str", "float"):
        return value
    if kind == "int":
        return integer(value)
    if kind == "complex":
        return complex(*value)
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind == "range":
        return range_of(*map(integer, value))
    if kind == "builtin" and (functions or value in DATA_TYPES):
        return getattr(builtins, value)
    if kind == "Decimal":
        return decimal_of(value)
    if kind == "Fraction":
        return fraction_of(*value)
    if kind in ("date", "timedelta"):
        import datetime

        if kind == "timedelta":
            return datetime.timedelta(*value)
        named: dict[str, Any] = {"date": datetime.date, "time": datetime.time, "datetime": datetime.datetime}
        return named[value].fromisoformat(node[2])
    return foreign(kind, value)
