"""Exports come last, and one that fails does not stop the others."""

from pathlib import Path

import pytest
from plan_makers import names, plain, run_of

from flows.plan import Plan, Stage
from flows.run.child import StageFailed
from flows.run.groups import Group, build_groups
from records.errors import InputError

STUDENT = plain("train")
REPORT = plain("report", STUDENT)
BROKEN, KILLED, GOOD = (plain(name, STUDENT) for name in ("broken", "killed", "good"))
PUBLISH = plain("publish", STUDENT, BROKEN, KILLED, GOOD)
PLAN = Plan.of(REPORT, PUBLISH)
EXPORTING = {stage.path for stage in (BROKEN, KILLED, GOOD, PUBLISH)}


def carried_out(errors: dict[str, Exception]) -> tuple[list[str], list[str]]:
    """Return the stages that were built, and the failures."""
    built: list[str] = []

    def build(group: Group) -> None:
        if group[0].name in errors:
            raise errors[group[0].name]
        built.extend(names(group))

    return built, build_groups(list(PLAN.groups()), EXPORTING, build)


def test_what_fails_of_the_exports_is_all_said_and_the_rest_is_built() -> None:
    errors = {"broken": InputError("none of 3 answers stops"), "killed": StageFailed("signal SIGKILL")}
    built, failed = carried_out(errors)
    assert built == ["train", "report", "good"]
    assert failed == [
        "broken: none of 3 answers stops",
        "killed: signal SIGKILL",
        "publish: not built, because broken was not",
    ]


def test_a_checkpoint_that_cannot_be_written_loses_nothing_else() -> None:
    built, failed = carried_out({"publish": StageFailed("no space left")})
    assert built == ["train", "report", "broken", "killed", "good"]
    assert failed == ["publish: no space left"]


@pytest.mark.parametrize("name", ["train", "report"])
def test_what_the_rest_needs_stops_the_run(name: str) -> None:
    with pytest.raises(InputError, match="cannot be trained on"):
        carried_out({name: InputError("cannot be trained on")})


def test_an_error_of_ours_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(ZeroDivisionError):
        carried_out({"broken": ZeroDivisionError()})


def test_only_what_the_checkpoint_alone_needs_may_fail() -> None:
    def kept(stages: tuple[Stage, ...], exporting: set[Path]) -> list[str]:
        return [stage.name for stage in stages if stage.path in exporting]

    run = run_of("publishing.formats=[nf4,gguf_f16]")
    last = ["reference", "export-nf4", "export-gguf_f16", "publish"]
    assert kept(run.plan.stages, run.exporting) == last
    assert names(run.plan.stages)[-5:] == ["report", *last]
