"""No artifact is taken that was made from another than lies there now, under the same name."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from plan_makers import Plain, plain

from flows.plan import Stage
from flows.run.origins import check_origins, origins_of
from records.artifact import build_once, read_manifest
from records.counts import Counts, ReportCounts
from records.errors import InputError
from records.files import MANIFEST


def weights(run: Path) -> Plain:
    return replace(plain("train-sft"), run_dir=run)


def scores_of(trained: Stage) -> Plain:
    return replace(plain("eval", trained), run_dir=trained.run_dir)


def make(stage: Stage, content: str, name: str = "model.safetensors") -> None:
    """Make a stage's artifact, as the flow does, with one file."""

    def build(folder: Path) -> Counts:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
        return ReportCounts(traces=0)

    build_once(stage.run_dir, stage.name, stage.inputs, build, origins=origins_of(stage))


def test_scores_of_the_model_before_are_not_those_of_a_model_that_was_built_again(tmp_path: Path) -> None:
    trained = weights(tmp_path)
    scored = scores_of(trained)
    make(trained, "weights")
    make(scored, "12 %")
    shutil.rmtree(trained.path)
    check_origins([trained, scored])
    make(trained, "other weights")
    with pytest.raises(InputError, match=rf"^{scored.path}: was made from another {trained.path.name} .* delete"):
        check_origins([trained, scored])
    shutil.rmtree(trained.path)
    make(trained, "weights")
    check_origins([trained, scored])


@pytest.mark.parametrize("told", ["training/log.parquet", "surplus/traces-00000.parquet", "costs.json"])
def test_times_and_what_nothing_is_made_from_do_not_count(told: str, tmp_path: Path) -> None:
    trained = weights(tmp_path)
    scored = scores_of(trained)
    make(trained, "20 s", told)
    make(scored, "12 %")
    shutil.rmtree(trained.path)
    make(trained, "21 s", told)
    check_origins([trained, scored])


@pytest.mark.parametrize("told", [None, [], {}, {"train-sft-000000000000": "0"}])
def test_a_manifest_that_tells_nothing_of_them_is_taken(told: object, tmp_path: Path) -> None:
    trained = weights(tmp_path)
    scored = scores_of(trained)
    make(trained, "weights")
    make(scored, "12 %")
    manifest = read_manifest(scored.artifact) | {"made_from": told}
    (scored.path / MANIFEST).write_text(json.dumps(manifest))
    shutil.rmtree(trained.path)
    make(trained, "other weights")
    check_origins([trained, scored])
