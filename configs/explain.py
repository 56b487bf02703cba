"""Formats a validation error as one line: the key as in the YAML, what is wrong, and the nearest known key."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from configs.schema import Config

UNKNOWN_KEY = "extra_forbidden"
"""pydantic's name for the error."""
MOST_MISTAKES, LONGEST_MISTAKE, LONGEST_VALUE = 10, 1000, 200
"""Mistakes that are told at once, and characters of each, and of a value in it: a file that is no config has thousands,
and a wrong value may be a megabyte."""


def explain_all(entries: Sequence[Any], tree: Any, root: type[BaseModel] = Config) -> str:
    """Format all of pydantic's errors as one line."""
    told = [cut(explain(entry, tree, root), LONGEST_MISTAKE) for entry in entries[:MOST_MISTAKES]]
    more = len(entries) - len(told)
    return "; ".join([*told, *([f"and {more} more mistakes"] if more else [])])


def explain(entry: Any, tree: Any, root: type[BaseModel] = Config) -> str:
    """Format one of pydantic's errors as `key: what is wrong`; an unknown key gets the nearest key of its section.
    `root` is the section that the whole tree stands for."""
    *parents, last = entry["loc"] or ("",)
    if entry["type"] == "missing":
        return f"{locate(parents, tree, root)[0]}{last}: required, but missing"
    prefix, known = locate(entry["loc"], tree, root)
    place = prefix.removesuffix(".") or "config"
    if entry["type"] == UNKNOWN_KEY:
        near = difflib.get_close_matches(str(last), known, n=1)
        return f"{place}: unknown key; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}")
    if entry["type"] == "union_tag_not_found":
        return f"{prefix}kind: required, but missing"
    if entry["type"] == "union_tag_invalid":
        chosen_by = "method" if "method" in known else "kind"
        return f"{prefix}{chosen_by}: must be one of {entry['ctx']['expected_tags']} (got {shown(entry['ctx']['tag'])})"
    message = entry["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" + ("" if isinstance(entry["input"], dict) else f" (got {shown(entry['input'])})")


def shown(value: Any) -> str:
    """Return a value as Python writes it, cut where it becomes long."""
    return cut(repr(value), LONGEST_VALUE)


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def path_of(loc: Iterable[Any], tree: Any, root: type[BaseModel] = Config) -> str:
    """Return the `key.path` of an error as in the YAML; empty for the whole config."""
    return locate(loc, tree, root)[0].removesuffix(".")


def locate(loc: Iterable[Any], tree: Any, root: type[BaseModel]) -> tuple[str, list[str]]:
    """Return `key.path.` as in the YAML, and the known keys of its last section.

    pydantic's path also names the chosen member of a union (`teacher.vllm.dtype`). A part that is not in the tree is
    such a name.
    """
    path, known = "", list[str]()
    sections: list[type[BaseModel]] = [root]
    for part in loc:
        if (isinstance(tree, dict) and part in tree) or (isinstance(tree, list) and isinstance(part, int)):
            tree, path = tree[part], f"{path}{part}."
            known = [field.alias or key for section in sections for key, field in section.model_fields.items()]
            if part in known:  # otherwise it is an index, or a key that the user chose, as in benchmarks
                every = [(field.alias or key, field) for one in sections for key, field in one.model_fields.items()]
                sections = [model for name, field in every if name == part for model in models_in(field.annotation)]
        elif isinstance(tree, list) and any(part in section.model_fields for section in sections):
            # A list in place of a section with that field: benchmarks may be given as their sources.
            sections = [model for one in sections for model in models_in(one.model_fields[part].annotation)]
        elif not (isinstance(tree, dict) and part == 0):  # which would be a single section in place of a list
            sections = [section for section in sections if part in names_in_union(section)]
    return path, known


def names_in_union(section: type[BaseModel]) -> tuple[Any, ...]:
    """Return what pydantic calls a member of a union: the values of its field `kind` or `method`, or its class's
    name."""
    kind = section.model_fields.get("kind") or section.model_fields.get("method")
    return get_args(kind.annotation) if kind else (section.__name__,)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]
