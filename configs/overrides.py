"""Overrides on the command line: `key.path=value` sets one key of a config, or unsets it.

An empty value (`key=`) unsets: the config is read as if the key were missing. `key=null` sets null if the setting can
be null, which turns it off (`judging.repetition=null`), and unsets any other setting (`sampling.n=null`).
"""

from dataclasses import dataclass
from typing import Any

import yaml

from configs.errors import ConfigError
from configs.yaml_text import parse_yaml

DEEPEST = 100
"""Parts of a key's path; the deepest key of a config has about ten."""


@dataclass(frozen=True)
class Override:
    """One `key.path=value`; numbers in the path index lists."""

    given: str
    dotted: str
    value: Any
    empty: bool
    """True if nothing follows the `=`."""

    @property
    def keys(self) -> list[str]:
        return self.dotted.split(".")


def parse_override(given: str) -> Override:
    """Parse one override. Errors: ConfigError for a missing `=` or key, or a value that is not YAML."""
    dotted, separator, text = given.partition("=")
    if not separator or not dotted:
        raise ConfigError(f"{given}: an override has the form key.path=value")
    if dotted.count(".") >= DEEPEST:
        raise ConfigError(f"{given[:100]}…: no key lies {dotted.count('.') + 1:,} sections deep")
    try:
        return Override(given, dotted, parse_yaml(text), not text.strip())
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{given}: the value cannot be read: {' '.join(str(error).split())}") from None


def set_value(tree: Any, override: Override) -> None:
    """Set the value under its key, making missing sections on the way. Errors: ConfigError."""
    *parents, last = override.keys
    for key in parents:
        tree = child(tree, key, override)
    if isinstance(tree, list):
        child(tree, last, override)
        if override.value is None:
            raise ConfigError(f"{override.given}: an element of a list cannot be unset; give the whole list")
        tree[int(last)] = override.value
    elif isinstance(tree, dict):
        tree[last] = override.value
    else:
        raise ConfigError(f"{override.given}: {last} lies below a plain value")


def child(tree: Any, key: str, override: Override) -> Any:
    """Return the value under one key or index; a missing section is made. Errors: ConfigError."""
    if isinstance(tree, dict):
        if tree.get(key) is None:
            tree[key] = {}
        return tree[key]
    if isinstance(tree, list) and key.isdecimal() and int(key) < len(tree):
        return tree[int(key)]
    if isinstance(tree, list):
        raise ConfigError(f"{override.given}: {key} is not an index of a list of {len(tree)}")
    raise ConfigError(f"{override.given}: {key} lies below a plain value")


def unset(tree: Any, override: Override) -> None:
    """Remove the key if it exists; no section is made on the way."""
    *parents, last = override.keys
    for key in parents:
        tree = tree[int(key)] if isinstance(tree, list) else tree.get(key)
        if tree is None:
            return
    tree.pop(last, None)
