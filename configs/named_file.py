"""Reads a section that a config names: one of the shipped files, or a file of the user's own."""

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from configs.section import Section
from configs.text_file import read_text_file
from configs.yaml_text import parse_yaml

ENDINGS = (".yaml", ".yml")


def read_named(name: str, shipped: Path, section: type[Section], noun: str, one: str, many: str) -> dict[str, Any]:
    """Read the fields of a section from a shipped file by its name, or from any file by its path.

    In messages `noun` is what a file holds, `one` and `many` are what shipped ones are called. Errors: ValueError that
    says what to change."""
    known = sorted(path.stem for path in shipped.glob("*.yaml"))
    file = Path(name) if name.endswith(ENDINGS) else shipped / f"{name}.yaml"
    if not name.endswith(ENDINGS) and name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no such {one}; {guess}known: {', '.join(known)}; a file of your own ends in .yaml")
    try:
        tree = parse_yaml(read_text_file(file))
    except FileNotFoundError:
        raise ValueError(f"no such file (looked for {file.absolute()}); known {many}: {', '.join(known)}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ValueError(f"{file}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{file}: a {noun} is a mapping of {', '.join(section.model_fields)}")
    try:
        section.model_validate(tree)
    except ValidationError as error:
        told = "; ".join(explain(entry, section) for entry in error.errors())
        raise ValueError(f"{file}: {told}") from None
    return tree


def explain(entry: Any, section: type[Section]) -> str:
    key = ".".join(map(str, entry["loc"]))
    if entry["type"] == "extra_forbidden":
        return f"{key}: unknown key; known: {', '.join(section.model_fields)}"
    message = entry["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
