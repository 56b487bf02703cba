"""YAML plus dotted overrides to a validated Config; every mistake is one line naming key and remedy."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from configs.schema import Config

SHIPPED = Path(__file__).parent


class ConfigError(Exception):
    """The config or an override is wrong; the message names the file, the key and what to change."""


def load_config(path: str | Path, overrides: list[str] | None = None) -> Config:
    """Read a YAML file, apply `key.path=value` overrides (values are YAML), validate. Errors: ConfigError."""
    try:
        tree = unshare(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except FileNotFoundError:
        shipped = ", ".join(
            str(file.relative_to(SHIPPED.parent))
            for file in sorted(SHIPPED.glob("[dp]*/*.yaml"))
            if file.parent.name != "prompts"
        )
        raise ConfigError(f"{path}: no such config; shipped: {shipped}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: not UTF-8, date 2026-02-30
        raise ConfigError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: a config is a mapping of sections; found {type(tree).__name__}")
    for override in overrides or []:
        apply_override(tree, override)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{path}: {'; '.join(explain(entry, tree) for entry in error.errors())}") from None


def unshare(tree: Any) -> Any:
    """A copy in which what a YAML alias repeats is its own: an override changes one place, not all of them."""
    if isinstance(tree, dict):
        return {key: unshare(value) for key, value in tree.items()}
    return [unshare(value) for value in tree] if isinstance(tree, list) else tree


def apply_override(tree: Any, override: str) -> None:
    """Set one dotted path in place; numbers in it index lists. Errors: ConfigError."""
    dotted, separator, text = override.partition("=")
    if not separator or not dotted:
        raise ConfigError(f"{override}: an override has the form key.path=value")
    try:
        value = yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{override}: the value is not YAML: {' '.join(str(error).split())}") from None
    *parents, last = dotted.split(".")
    for key in parents:
        tree = child(tree, key, override)
    if isinstance(tree, list):
        child(tree, last, override)
        tree[int(last)] = value
    elif isinstance(tree, dict):
        tree[last] = value
    else:
        raise ConfigError(f"{override}: {last} lies below a plain value")


def child(tree: Any, key: str, override: str) -> Any:
    if isinstance(tree, dict):
        if tree.get(key) is None:
            tree[key] = {}
        return tree[key]
    if isinstance(tree, list) and key.isdecimal() and int(key) < len(tree):
        return tree[int(key)]
    if isinstance(tree, list):
        raise ConfigError(f"{override}: {key} is not an index of a list of {len(tree)}")
    raise ConfigError(f"{override}: {key} lies below a plain value")


def explain(entry: Any, tree: Any) -> str:
    """One validation error as `key: what is wrong`, with the nearest key of that section for an unknown one."""
    *parents, last = entry["loc"] or ("",)
    if entry["type"] == "missing":
        return f"{locate(parents, tree)[0]}{last}: required, but missing"
    prefix, known = locate(entry["loc"], tree)
    place = prefix.removesuffix(".") or "config"
    if entry["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(last), known, n=1)
        return f"{place}: unknown key; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}")
    if entry["type"] == "union_tag_not_found":
        return f"{prefix}kind: required, but missing"
    if entry["type"] == "union_tag_invalid":
        return f"{prefix}kind: must be one of {entry['ctx']['expected_tags']} (got {entry['ctx']['tag']!r})"
    message = entry["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" + ("" if isinstance(entry["input"], dict) else f" (got {entry['input']!r})")


def locate(loc: Iterable[Any], tree: Any) -> tuple[str, list[str]]:
    """`key.path.` as in the YAML, and the keys its last section knows.

    pydantic's path also names the chosen member of a union (`teacher.vllm.dtype`); what the tree lacks is such a name.
    """
    path, known = "", list[str]()
    sections: list[type[BaseModel]] = [Config]
    for part in loc:
        if (isinstance(tree, dict) and part in tree) or (isinstance(tree, list) and isinstance(part, int)):
            tree, path = tree[part], f"{path}{part}."
            known = [key for section in sections for key in section.model_fields]
            if part in known:  # else an index, or a key of one's own as in benchmarks
                fields = [section.model_fields[part] for section in sections if part in section.model_fields]
                sections = [model for field in fields for model in models_in(field.annotation)]
        else:
            sections = [section for section in sections if part in get_args(section.model_fields["kind"].annotation)]
    return path, known


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]
