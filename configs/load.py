"""YAML plus dotted overrides to a validated Config; every mistake is one line naming key and remedy."""

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from configs.schema import Config


class ConfigError(Exception):
    """The config or an override is wrong; the message names the file, the key and what to change."""


def load_config(path: str | Path, overrides: list[str] | None = None) -> Config:
    """Read a YAML file, apply `key.path=value` overrides (values are YAML), validate. Errors: ConfigError."""
    try:
        tree = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        shipped = ", ".join(sorted(file.name for file in Path(__file__).parent.glob("*.yaml")))
        raise ConfigError(f"{path}: no such config; shipped in configs/: {shipped}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: a config is a mapping of sections; found {type(tree).__name__}")
    for override in overrides or []:
        apply_override(tree, override)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{path}: {'; '.join(explain(entry) for entry in error.errors())}") from None


def apply_override(tree: Any, override: str) -> None:
    """Set one dotted path in place; numbers in it index lists. Errors: ConfigError."""
    dotted, separator, text = override.partition("=")
    if not separator or not dotted:
        raise ConfigError(f"{override}: an override has the form key.path=value")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
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
    if isinstance(tree, list) and key.isdigit() and int(key) < len(tree):
        return tree[int(key)]
    if isinstance(tree, list):
        raise ConfigError(f"{override}: {key} is not an index of a list of {len(tree)}")
    raise ConfigError(f"{override}: {key} lies below a plain value")


def explain(entry: Any) -> str:
    """One validation error as `key: what is wrong`, with the nearest known key for an unknown one."""
    place = ".".join(str(part) for part in entry["loc"]) or "config"
    if entry["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(entry["loc"][-1]), known_keys(Config), n=1)
        return f"{place}: unknown key" + (f", did you mean {near[0]}?" if near else "")
    if entry["type"] == "missing":
        return f"{place}: required, but missing"
    message = entry["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" + ("" if isinstance(entry["input"], dict) else f" (got {entry['input']!r})")


def known_keys(section: type[BaseModel]) -> set[str]:
    """Every key of every section."""
    sections, keys = {section}, set[str]()
    while sections:
        fields = sections.pop().model_fields
        keys |= set(fields)
        for info in fields.values():
            sections |= set(models_in(info.annotation))
    return keys


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in models_in(part)]
