"""Loads YAML and dotted overrides into a validated Config. Every mistake gives one line with the key and the remedy."""

import os
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from configs.errors import ConfigError
from configs.explain import UNKNOWN_KEY, explain_all, path_of
from configs.overrides import Override, parse_override, set_value, unset
from configs.schema import Config
from configs.section import Section
from configs.text_file import read_text_file
from configs.yaml_text import parse_yaml

SHIPPED = Path(__file__).parent
EXTENDS = "extends"
"""Key of a file for another one beside it, from which it takes whatever it does not say itself."""
MOST_EXTENDED = 20
"""Most files that a config is made of; the shipped ones take three."""
Root = TypeVar("Root", bound=Section)


def load_config(path: str | Path, overrides: list[str] | None = None) -> Config:
    """Read a YAML file, apply `key.path=value` overrides, and validate the result. Values are YAML; `configs.overrides`
    explains null and empty values. Errors: ConfigError."""
    tree = read_tree(path)
    apply_overrides(tree, [parse_override(override) for override in overrides or []], Config)
    return validated(tree, Config, path)


def validated(tree: dict[str, Any], root: type[Root], place: object) -> Root:
    """Return the whole tree as the section `root`. `place` names it in errors. Errors: ConfigError."""
    try:
        return root.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{place}: {explain_all(error.errors(), tree, root)}") from None


def apply_overrides(tree: dict[str, Any], overrides: list[Override], root: type[Root]) -> None:
    """Apply overrides in order. A null sets its key to null if the schema accepts that, and otherwise unsets the key;
    to find out, all overrides are first tried on a copy. An unknown key is set anyway, so that it is reported."""
    trial = unshare(tree)
    for override in overrides:
        set_value(trial, override)
    refused = refused_keys(trial, root) if any(override.value is None for override in overrides) else {}
    for override in overrides:
        unknown = any(refused.get(place) == UNKNOWN_KEY for place in places(override.dotted))
        if override.value is None and not unknown and (override.empty or override.dotted in refused):
            unset(tree, override)
        else:
            set_value(tree, override)


def places(dotted: str) -> list[str]:
    """Return the path and those above it: `a` and `a.b`."""
    keys = dotted.split(".")
    return [".".join(keys[:end]) for end in range(1, len(keys) + 1)]


def refused_keys(tree: dict[str, Any], root: type[Root]) -> dict[str, str]:
    """Return the type of pydantic's error for each dotted path with one."""
    try:
        root.model_validate(tree)
    except ValidationError as error:
        return {path_of(entry["loc"], tree, root): entry["type"] for entry in error.errors()}
    return {}


def read_tree(path: str | Path) -> dict[str, Any]:
    """Read the file as plain dicts and lists, on top of the one that it `extends`, if it does. Errors: ConfigError for
    a file that is not a YAML mapping."""
    return extended(Path(path), [])


def extended(path: Path, by: list[Path]) -> dict[str, Any]:
    """Read a file, and the one that it extends: mappings are merged, anything else is replaced. `by` are the files that
    extend it. Errors: ConfigError."""
    tree = read_file(path)
    if EXTENDS not in tree:
        return tree
    name = tree.pop(EXTENDS)
    below = path.parent / str(name)
    if not os.path.isfile(below):  # no error for a name that cannot be one, or a link that leads to itself
        raise ConfigError(f"{path}: {EXTENDS}: {below}: no such config; give a file beside this one")
    if any(below.samefile(one) for one in (path, *by)):
        raise ConfigError(f"{path}: {EXTENDS}: {name} extends this file again; remove one of the two")
    if len(by) + 2 > MOST_EXTENDED:
        raise ConfigError(f"{path}: {EXTENDS}: more than {MOST_EXTENDED} files extend each other; put some into one")
    return merged(extended(below, [path, *by]), tree)


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return `below` with the values of `above`."""
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def read_file(path: Path) -> dict[str, Any]:
    try:
        tree = unshare(parse_yaml(read_text_file(path)))
    except FileNotFoundError:
        names = [file for folder in ("demo", "pairs", "recipes") for file in SHIPPED.glob(f"{folder}/*.yaml")]
        shipped = ", ".join(str(file.relative_to(SHIPPED.parent)) for file in sorted(names))
        raise ConfigError(f"{path}: no such config; shipped: {shipped}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: date 2026-02-30
        raise ConfigError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: a config is a mapping of sections; found {type(tree).__name__}")
    return tree


def unshare(tree: Any) -> Any:
    """Copy the tree so that repeated YAML aliases are separate objects: an override then changes only one of them."""
    if isinstance(tree, dict):
        return {key: unshare(value) for key, value in tree.items()}
    return [unshare(value) for value in tree] if isinstance(tree, list) else tree
