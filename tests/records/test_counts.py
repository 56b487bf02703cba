"""Counts are read back from a manifest exactly as they were written, or rejected."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records.artifact import build_once, from_json, read_counts
from records.counts import (
    EngineCounts,
    JudgedGroup,
    JudgingCounts,
    SamplingPart,
    ScoreCounts,
    SelectionCounts,
)
from records.errors import InputError
from records.files import MANIFEST
from records.rows import Artifact

GROUP: dict[str, Any] = {"problems": 2, "solved": 1, "traces": 8, "accepted": 3}
GROUP |= {"prompt_tokens": 80, "completion_tokens": 400, "pass_rate": 0.375}
JUDGED = JudgingCounts(
    **GROUP,
    rejected={"truncated": 4},
    unknown={"timeout": 1},
    by_source={"made": JudgedGroup(**GROUP)},
    by_difficulty=None,
    contaminated_by={},
    verifier_s=2.0,
)


def built(folder: Path) -> Artifact:
    return build_once(folder, "judge", {}, lambda _: JUDGED)


def test_what_was_counted_is_read_back(tmp_path: Path) -> None:
    assert read_counts(built(tmp_path), JudgingCounts) == JUDGED
    assert JUDGED.tokens == JUDGED.by_source["made"].tokens == 480


def rename(counts: dict[str, Any]) -> None:
    counts["sampled"] = counts.pop("traces")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (rename, "traces: field required"),
        (lambda counts: counts.update(rewards=1), "rewards: unknown"),
        (lambda counts: counts.update(traces="8 traces"), "traces: input should be a valid integer"),
        (lambda counts: counts.update(traces="8"), "other fields"),
        (lambda counts: counts.update(by_source={"made": {"problems": 2}}), r"by_source\.made\.solved: field required"),
        (lambda counts: counts["by_source"]["made"].update(rewards=1), "other fields"),
        (lambda counts: counts.pop("by_difficulty"), "by_difficulty: field required"),
    ],
)
def test_counts_of_another_version_are_refused(
    tmp_path: Path, damage: Callable[[dict[str, Any]], Any], told: str
) -> None:
    artifact = built(tmp_path)
    manifest = json.loads((artifact.path / MANIFEST).read_text())
    damage(manifest["counts"])
    (artifact.path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=f"{told}.*delete {artifact.path} to build it again"):
        read_counts(artifact, JudgingCounts)


def test_counts_of_another_stage_are_refused(tmp_path: Path) -> None:
    for other in (SelectionCounts, ScoreCounts):
        with pytest.raises(InputError, match="another version"):
            read_counts(built(tmp_path), other)


def test_a_missing_field_is_refused_even_where_the_record_has_a_default() -> None:
    assert from_json(SamplingPart, {"stopped_at": None, "engine": None, "abandoned_tokens": 0}).engine is None
    whole = {"engine_start_s": 1.5, "engine_s": 2, "thinking_forced": 0}
    whole |= {"retries": 0, "refused": 0, "times_unhealthy": 0}
    assert from_json(EngineCounts, whole).engine_s == 2
    del whole["retries"]
    with pytest.raises(ValueError, match="it has other fields"):
        from_json(EngineCounts, whole)
