"""Parses YAML that comes from strangers: aliases that multiply it, keys that stand twice, tags that do not fit."""

import re
from typing import Any

import yaml

MOST_VALUES = 100_000
"""Most values of a file, each counted as often as aliases repeat it: ten lines of aliases can stand for 10^9 values
("billion laughs"). A long config has a few hundred."""
LONGEST_NUMBER = 100
"""Characters. YAML 1.1 also reads `59:59:59` as a number, and takes the square of its length for it."""
OTHERWISE = re.compile(r"[-+]?(0[0-7_]+|[0-9][0-9_.]*(:[0-9_.]+)+)")
"""Matches `012`, which YAML 1.1 reads as 10, and `1:30`, which it reads as 90; `08` and `0.5` do not match."""
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def parse_yaml(text: str) -> Any:
    """Parse plain values. Errors: ValueError for a text that stands for too many values, says a key twice, or holds
    half a character or a value that its tag does not fit; RecursionError; yaml.YAMLError."""
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None
        if values_in(root, {}) > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} values, counting what its aliases repeat; shorten it")
        return loader.construct_document(root)
    except (AttributeError, LookupError, ArithmeticError) as error:  # PyYAML of `!!int ""`, `!!bool x`, `!!timestamp x`
        raise ValueError(f"a value does not fit its tag ({type(error).__name__}: {error})") from error
    finally:
        loader.dispose()


def values_in(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values below a node, itself included; `known` holds what was counted already, by identity. Errors:
    ValueError as in `parse_yaml`."""
    if id(node) not in known:
        known[id(node)] = 1  # an alias within its own value; its conversion ends in a RecursionError
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.ScalarNode):
            check_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            parts = node.value
        elif isinstance(node, yaml.MappingNode):
            check_keys(node)
            parts = [part for pair in node.value for part in pair]
        known[id(node)] = 1 + sum(values_in(part, known) for part in parts)
    return known[id(node)]


def check_scalar(node: yaml.ScalarNode) -> None:
    node.value.encode()  # half a character, written as "\\ud800", has no hash and fits into no file
    if node.tag in NUMBERS and len(node.value) > LONGEST_NUMBER:
        raise ValueError(f"line {node.start_mark.line + 1}: a number of {len(node.value):,} characters; shorten it")
    if node.tag in NUMBERS and OTHERWISE.fullmatch(node.value):
        read = yaml.safe_load(node.value)
        raise ValueError(
            f"line {node.start_mark.line + 1}: {node.value} means {read} in YAML; write {read}, or quote it as a text"
        )


def check_keys(node: yaml.MappingNode) -> None:
    """Check that no key stands twice: PyYAML would take the last one, and of two sections `training` one would be lost
    without a word. Errors: ValueError."""
    seen = set[tuple[str, str]]()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if (key.tag, key.value) in seen:
            raise ValueError(f"line {key.start_mark.line + 1}: {key.value!r} stands there a second time; remove one")
        seen.add((key.tag, key.value))
