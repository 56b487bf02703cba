"""The shipped configs restate no defaults, pin their revisions, and use no file outside the repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from pydantic import BaseModel

from configs.benchmarks import SHIPPED as BENCHMARKS
from configs.benchmarks import Benchmark, resolved
from configs.load import load_config

SHIPPED = sorted(file for kind in ("demo", "pairs", "recipes") for file in (ROOT / "configs" / kind).glob("*.yaml"))
shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)


def restated(section: BaseModel, place: str = "") -> Iterator[str]:
    """Dotted places at which a section was given what it would have held anyway."""
    for name in sorted(section.model_fields_set):
        value, field = getattr(section, name), type(section).model_fields[name]
        nested = list(sections_in(value))
        if nested:
            for key, one in nested:
                yield from restated(one, f"{place}{name}.{key}")
        elif not field.is_required() and value == field.get_default(call_default_factory=True):
            yield f"{place}{name}"


def sections_in(value: object) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, BaseModel):
        yield "", value
    elif isinstance(value, list):
        yield from ((f"{index}.", one) for index, part in enumerate(value) for _, one in sections_in(part))
    elif isinstance(value, dict):
        yield from ((f"{key}.{at}", one) for key, part in value.items() for at, one in sections_in(part))


@shipped
def test_no_leaf_restates_a_default(path: Path) -> None:
    found = set(restated(load_config(path)))
    for other in extended_by(path):  # it may set again what another file has changed
        found -= {place for place in found if differs(load_config(other), place)}
    assert found == set()


def extended_by(path: Path) -> Iterator[Path]:
    """Yield the files below one, the nearest first."""
    while below := yaml.safe_load(path.read_text()).get("extends"):
        path = path.parent / below
        yield path


def differs(section: BaseModel, place: str) -> bool:
    """Return True if a dotted place below a section was given a value other than its default."""
    first, _, rest = place.partition(".")
    if rest:
        value = getattr(section, first, None)
        return isinstance(value, BaseModel) and differs(value, rest.removeprefix("."))
    return first in section.model_fields_set and getattr(section, first) != type(section).model_fields[first].default


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("*.yaml")), ids=lambda path: path.name)
def test_no_benchmark_restates_a_default(path: Path) -> None:
    assert list(restated(Benchmark.model_validate(resolved(path.stem, {})))) == []


def test_a_restated_default_is_found_at_any_depth() -> None:
    config = load_config(
        ROOT / "configs" / "demo" / "tiny.yaml", ["problems.0.seed=0", "teacher.engine.max_num_seqs=256"]
    )
    assert list(restated(config)) == ["problems.0.seed", "teacher.engine.max_num_seqs"]


@shipped
def test_nothing_lies_outside_the_repository(path: Path) -> None:
    assert "../" not in path.read_text()


def test_every_pair_has_a_deployment_of_its_own_that_is_off() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    pairs = {str(file.relative_to(ROOT)) for file in (ROOT / "configs" / "pairs").glob("*.yaml")}
    scheduled = [deployment["parameters"]["config"] for deployment in deployments]
    assert pairs <= set(scheduled)
    assert len(set(scheduled)) == len(scheduled)
    assert not any(schedule["active"] for deployment in deployments for schedule in deployment["schedules"])
    times = [schedule["cron"] for deployment in deployments for schedule in deployment["schedules"]]
    assert len(set(times)) == len(times)
