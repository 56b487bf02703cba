"""Overrides reach list items and aliased sections, and a bad one gives one line."""

from pathlib import Path

import pytest
import yaml
from config_makers import make_config, make_tree, refused, written

from configs.load import load_config


def test_override_sets_list_index_and_nested_key(tmp_path: Path) -> None:
    config = make_config(
        tmp_path,
        "problems.0.path=other.parquet",
        "benchmarks.held_out.0={kind: file, path: a.json}",
        "training.lora.r=8",
        "teacher.prompt.user=a = {problem}",
        "name='2'",
    )
    assert config.problems[0].path == "other.parquet"
    assert config.benchmarks["held_out"].sources[0].path == "a.json"
    assert config.training[0].lora == {"r": 8}
    assert config.teacher.prompt.user == "a = {problem}"
    assert config.name == "2"


def test_override_of_an_aliased_section_changes_one_place(tmp_path: Path) -> None:
    shared = {"kind": "file", "path": "shared.jsonl"}
    path = written(
        tmp_path, yaml.safe_dump(make_tree() | {"problems": [shared], "benchmarks": {"b": [shared]}}).encode()
    )
    assert b"*id001" in path.read_bytes()
    config = load_config(path, ["problems.0.limit=5"])
    assert (config.problems[0].limit, config.benchmarks["b"].sources[0].limit) == (5, None)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("sampling.n", "sampling.n: an override has the form key.path=value"),
        ("=4", "=4: an override has the form key.path=value"),
        ("problems.1.path=x", "problems.1.path=x: 1 is not an index of a list of 1"),
        ("problems.1=x", "problems.1=x: 1 is not an index of a list of 1"),
        ("problems.-1=x", "problems.-1=x: -1 is not an index of a list of 1"),
        ("problems.²=x", "problems.²=x: ² is not an index of a list of 1"),
        ("problems.path=x", "problems.path=x: path is not an index of a list of 1"),
        ("name.first=x", "name.first=x: first lies below a plain value"),
        ("name.first.second=x", "name.first.second=x: first lies below a plain value"),
    ],
)
def test_bad_override(tmp_path: Path, override: str, message: str) -> None:
    assert refused(tmp_path, override) == message


@pytest.mark.parametrize("value", ["[1, 2", "{a: b: c}", "2026-02-30", "0x_", "[" * 2000])
def test_override_that_is_not_yaml(tmp_path: Path, value: str) -> None:
    assert refused(tmp_path, f"sampling.n={value}").startswith(f"sampling.n={value}: the value cannot be read: ")


def test_no_key_lies_so_deep(tmp_path: Path) -> None:
    deep = ".".join(["nowhere"] * 100)
    assert "unknown key" in refused(tmp_path, f"{deep}=1")
    assert refused(tmp_path, f"{deep}.x=1") == f"{deep[:100]}…: no key lies 101 sections deep"
