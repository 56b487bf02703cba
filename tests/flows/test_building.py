"""What a stage makes is its own: no link leads out of it, and no other stage's counts get into it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from plan_makers import drawn, plain

from configs.distribution import Distribution
from configs.sources import ProblemFile
from flows.plan import Stage
from flows.run.building import build, build_parts
from flows.run.cluster import Cluster
from flows.stages.problems import Problems
from flows.stages.quantize import QuantizeWeights
from flows.weights import Weights
from records.counts import ReportCounts
from records.errors import InputError
from records.share import WorkerSlot


@pytest.mark.parametrize("place", ["", "model.safetensors", ".work/steps.jsonl"])
@pytest.mark.parametrize("make", [plain, drawn])
def test_a_link_planted_since_the_run_began_is_refused(make: object, place: str, tmp_path: Path) -> None:
    stage = replace(make("sft"), run_dir=tmp_path / "run")  # type: ignore[operator]
    outside, link = tmp_path / "outside", stage.path / place
    outside.mkdir()
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(InputError, match=rf"^{link}: is a link, and the run would write to {outside}; remove it$"):
        build((stage,), Cluster(Distribution()))
    assert not list(outside.iterdir())


def test_stages_of_one_name_are_counted_apart(tmp_path: Path) -> None:
    """As for a model `c` on a benchmark `a-b` and a model `b-c` on `a`, whose weights one engine serves."""
    one = replace(drawn("eval-a-b-c-full"), run_dir=tmp_path)
    other = replace(one, setting=1)
    for stage in (one, other):
        stage.path.mkdir(parents=True)
    parts = build_parts([one, other], WorkerSlot(workers=3), progress=lambda *_, **__: None)
    assert {path: counts for path, (counts, _) in parts.items()} == {
        one.path: ReportCounts(traces=3),
        other.path: ReportCounts(traces=3),
    }


def problems_in(folder: Path) -> Stage:
    file = folder / "problems.jsonl"
    file.write_text('{"problem": "1 + 1", "answer": "2"}\n')
    return Problems(run_dir=folder / "run", name="problems", sources=(ProblemFile(kind="file", path=str(file)),))


def weights_in(folder: Path) -> Stage:
    model = folder / "model"
    model.mkdir()
    (model / "model.safetensors").write_text("2")
    return QuantizeWeights(
        run_dir=folder / "run", name="quantize", weights=Weights(str(model)), precision="nf4", dtype="bfloat16"
    )


@pytest.mark.parametrize("make", [problems_in, weights_in])
def test_what_was_changed_since_the_run_was_planned_is_not_read_under_its_old_name(
    make: Callable[[Path], Stage], tmp_path: Path
) -> None:
    planned = make(tmp_path)
    name = planned.path.name
    planned.check_unchanged()
    read = next(file for file in tmp_path.rglob("*") if file.is_file())
    read.write_text(read.read_text().replace("2", "3"))
    with pytest.raises(InputError, match="was changed since the run began; run the same command again"):
        build((planned,), Cluster(Distribution()))
    assert replace(planned).path.name != name
    assert not (planned.path / "manifest.json").exists()
