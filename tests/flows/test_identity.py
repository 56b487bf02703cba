"""A table says which stages each config field rebuilds; a field that is missing from it fails the test."""

from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from identity_cases import FIELDS
from identity_change_cases import CHANGES, CHOICES, EXCLUSIVE, LOOKED_AT, OF_RUNNING_SERVERS, UNTRIED
from identity_kind_cases import KINDS
from identity_plans import config_of, own_identities
from pydantic import BaseModel

from configs.explain import models_in
from configs.schema import Config
from configs.teachers import FakeTeacher, RecordedTeacher, VllmTeacher


def leaves(section: BaseModel, prefix: str = "") -> dict[str, Any]:
    """Every field below a section that holds no section itself, by its dotted path."""
    found: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        found |= leaves_of(getattr(section, name), f"{prefix}{field.alias or name}")
    return found


def leaves_of(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return leaves(value, f"{path}.")
    if isinstance(value, list | tuple) and value and isinstance(value[0], BaseModel):
        return leaves(value[0], f"{path}.0.")
    if isinstance(value, dict) and path == "benchmarks":
        return leaves_of(value["held_out"], f"{path}.held_out")
    if isinstance(value, dict) and path in ("evaluation.models", "scorers"):
        return {at: leaf for name, one in value.items() for at, leaf in leaves_of(one, f"{path}.{name}").items()}
    if isinstance(value, dict) and path.endswith(("training.settings", "training.0.settings")):
        return {f"{path}.{name}": setting for name, setting in value.items()}
    return {path: value}


def test_the_table_knows_every_field() -> None:
    unknown = {path for kind, path in cases() if rule_of(kind, path) is None}
    assert not unknown
    used = {rule_of(kind, path) for kind, path in cases()}
    assert {pattern for pattern, _ in FIELDS} - used == set(), "a rule that fits no field"
    assert CHANGES.keys() <= {path for _, path in cases()}, "a change of a field that is none"


def test_every_kind_of_section_is_looked_at() -> None:
    shown: set[type] = set()

    def visit(value: Any) -> None:
        if isinstance(value, BaseModel):
            shown.add(type(value))
            for name in type(value).model_fields:
                visit(getattr(value, name))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            visit(item)

    def declared(model: type[BaseModel]) -> set[type]:
        below = {part for field in model.model_fields.values() for part in models_in(field.annotation)}
        return {model}.union(*(declared(part) for part in below))

    for tree in KINDS.values():
        visit(Config.model_validate(tree))
    assert {model.__name__ for model in declared(Config) - shown} == set()


def rule_of(kind: str, path: str) -> str | None:
    """The first pattern that fits the field, or the field of this kind as in `grpo:training.0.prompts.limit`."""
    fitting = (pattern for pattern, _ in FIELDS if fnmatch(path, pattern) or fnmatch(f"{kind}:{path}", pattern))
    return next(fitting, None)


def cases() -> list[tuple[str, str]]:
    found = []
    for kind, tree in KINDS.items():
        for path in leaves(Config.model_validate(tree)):
            of_kind = path.startswith(LOOKED_AT.get(kind, "teacher."))
            given = path in ("student.path", "student.revision") and kind == "vllm"
            given = given or (path == "training.0.data.0.path" and kind in ("rows", "compared", "labelled"))
            if path == "training.0.data.0.max_per_problem" and kind == "compared":
                continue  # all pairs of a table take part
            if kind == "serve" and path in OF_RUNNING_SERVERS:
                continue
            if kind == "grpo" and path == "training.0.patience":  # which it does not have
                continue
            if (given or path not in UNTRIED | EXCLUSIVE) and (kind == "vllm" or of_kind):
                found.append((kind, path))
    return found


def changed(path: str, value: Any) -> list[str]:
    """Overrides that give the field another valid value."""
    new = CHANGES[path] if path in CHANGES else other(path, value)
    new = new[value] if path == "training.0.labels" else new
    return list(new) if isinstance(new, tuple) else [f"{path}={yaml.safe_dump(new, default_flow_style=True).strip()}"]


def other(path: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 8 if path.endswith(("dim", "size")) else value + 1
    if isinstance(value, float):
        return value * 0.9 if value else 0.125
    if isinstance(value, str):
        return CHOICES.get(value, value + "x")
    raise AssertionError(f"{path} is {value!r}: give it a change")


@cache
def unchanged(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a config of a kind, and the identities of its stages."""
    with TemporaryDirectory() as folder:
        config = config_of(kind, Path(folder))
        return leaves(config), own_identities(config)


@pytest.mark.parametrize(("kind", "path"), cases(), ids=lambda part: part)
def test_a_field_rebuilds_just_what_it_shapes(kind: str, path: str, tmp_path: Any) -> None:
    fields, ours = unchanged(kind)
    theirs = own_identities(config_of(kind, tmp_path, *changed(path, fields[path])))
    rebuilt = {stage for stage in ours.keys() | theirs.keys() if ours.get(stage) != theirs.get(stage)}
    expected = dict(FIELDS)[str(rule_of(kind, path))] & (ours.keys() | theirs.keys())
    if path.startswith("evaluation.models") and path.endswith("precisions"):
        rebuilt -= {
            "quantize",
            "eval",
            "eval-judge",
            "eval-check",
            "eval-scores",
        }  # fewer or more of them; what stays is as it was
    if path in ("student.name", "student.prompt.user", "student.prompt.system") and kind == "vllm":
        expected -= {"base", "export"}  # a base from the hub is named by its path
    assert rebuilt == expected


def test_the_kinds_are_what_they_say(tmp_path: Any) -> None:
    assert isinstance(config_of("vllm", tmp_path).teacher, VllmTeacher)
    assert isinstance(config_of("fake", tmp_path).teacher, FakeTeacher)
    assert isinstance(config_of("recorded", tmp_path).teacher, RecordedTeacher)
