"""`retort settings` tells every setting of a config."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT

from configs.reference import as_yaml, sections, values
from flows.settings import main


def printed(capsys: pytest.CaptureFixture[str], *places: str) -> str:
    assert main(places) == 0
    return capsys.readouterr().out


def test_the_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Every default and every bound stands in it, so that a change of one is seen."""
    assert (ROOT / "docs" / "settings.md").read_text() == printed(capsys), "retort settings > docs/settings.md"


def keys_of(tree: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield (place, key) of every key in a YAML tree, with N for the number of an entry in a list."""
    if isinstance(tree, list):
        for entry in tree:
            yield from keys_of(entry, f"{place}.N")
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield place, key
            yield from keys_of(value, f"{place}.{key}".lstrip("."))


@pytest.mark.parametrize("name", ["tiny", "r1", "star", "fake"])
def test_every_key_of_a_config_is_told(name: str) -> None:
    known = {(place, one.key) for section in sections() for place in section.places or [""] for one in section.settings}
    known |= {(place, key) for place, _ in known if place for key in ("kind", "method")}
    tree = yaml.safe_load((ROOT / "configs" / "demo" / f"{name}.yaml").read_text())
    told = 0
    for place, key in keys_of(tree, ""):
        if key != "extends" and place in {one for one, _ in known} | {""}:
            assert (place, key) in known or place == "benchmarks", f"{place}.{key}"
            told += 1
    assert told > 20


def test_a_place_prints_what_is_there_and_below(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "selection")
    assert [line for line in told.splitlines() if line.startswith("## ")] == ["## Selection", "## NearDuplicates"]
    assert "At `selection`" in told
    assert "- `max_per_problem`: whole number, 1 or more; default `4`." in told
    assert printed(capsys, "selection.near_duplicates") == printed(capsys, "NearDuplicates")
    assert "## Selection" not in printed(capsys, "selection.near_duplicates")
    both = printed(capsys, "Price", "launch")
    assert [line for line in both.splitlines() if line.startswith("## ")] == ["## Price", "## Launch"]
    assert "with `kind: vllm`" in printed(capsys, "teacher")


def test_a_section_stands_at_all_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    """A section within one that stands at several places does, too."""
    assert printed(capsys, "student.scratch.training") == printed(capsys, "Training")
    assert {"## Scratch", "## Architecture", "## Training"} <= {*printed(capsys, "student").splitlines()}
    assert "`benchmarks.NAME.sources.N.columns`" in printed(capsys, "ProblemColumns")


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "flows", "settings"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"# Settings\n"
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 0)


def test_no_default_is_told_of_what_is_made_when_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "`rubric`: `Rubric`. What it is asked" in printed(capsys, "second_opinion")


@pytest.mark.parametrize(
    ("place", "hint"),
    [("selecton", "did you mean selection?"), ("launc", "did you mean launch?"), ("xyzzy", "there are distribution, ")],
)
def test_a_place_that_is_none_is_one_line(place: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["launch", place]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: the config has no section {place!r}; {hint}")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ({"type": "integer"}, "whole number"),
        ({"type": "integer", "minimum": 1}, "whole number, 1 or more"),
        ({"type": "integer", "maximum": 2000}, "whole number, at most 2,000"),
        ({"type": "number", "minimum": 0, "maximum": 1.5}, "number, 0 to 1.5"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "number, above 0 and at most 1"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "number, 0 or more and below 1"),
        ({"type": "integer", "minimum": 8, "multipleOf": 8}, "whole number, 8 or more, a multiple of 8"),
        ({"type": "string", "pattern": "^a$", "maxLength": 9}, "text, at most 9 characters, of the form `^a$`"),
        ({"type": "boolean"}, "`true` or `false`"),
        ({"enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({"const": "a"}, "`a`"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or `null`"),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "whole number, 1 or more; or `null`"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, "list of texts, 1 or more entries"),
        (
            {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2, "maxItems": 2},
            "list of numbers, 2 entries",
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "mapping of names to whole numbers"),
        ({"type": "object"}, "mapping of names to any value"),
        ({"$ref": "#/$defs/Price"}, "`Price`"),
        ({"$ref": "#/$defs/JsonValue"}, "any value"),
        ({}, "any value"),
    ],
)
def test_values_in_words(node: dict[str, Any], told: str) -> None:
    assert values(node) == told


@pytest.mark.parametrize("value", [None, True, 1, 0.5, "a", "{x}", "null", ["\n\n", "b: c"], [[0]], {}])
def test_defaults_are_yaml(value: Any) -> None:
    assert yaml.safe_load(as_yaml(value).strip("`")) == value
