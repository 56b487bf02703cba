"""Parses YAML whose aliases do not multiply it."""

from typing import Any

import yaml

MOST_VALUES = 100_000
"""Most values of a file, each counted as often as aliases repeat it: ten lines of aliases can stand for 10^9 values
("billion laughs"). A long config has a few hundred."""


def parse_yaml(text: str) -> Any:
    """Parse plain values. Errors: ValueError for a text that stands for too many, or holds half a character;
    RecursionError; yaml.YAMLError."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None and values_in(root, {}) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES:,} values, counting what its aliases repeat; shorten it")
    return yaml.safe_load(text)


def values_in(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values below a node, itself included; `known` holds what was counted already, by identity."""
    if id(node) not in known:
        known[id(node)] = 1  # an alias within its own value; its conversion ends in a RecursionError
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.ScalarNode):
            node.value.encode()  # half a character, written as "\\ud800", has no hash and fits into no file
        elif isinstance(node, yaml.SequenceNode):
            parts = node.value
        elif isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        known[id(node)] = 1 + sum(values_in(part, known) for part in parts)
    return known[id(node)]
