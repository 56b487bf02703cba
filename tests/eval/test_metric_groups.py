"""Problems are scored by source, by each label, and by how hard they are for the base."""

import json
from pathlib import Path

from conftest import make_trace
from metric_makers import BASE, FAILED, PASSED, STUDENT, score

from eval.metrics.accuracy import score_benchmark
from records.parquet import write_rows
from records.schemas import TRACE


def test_mixed_benchmarks_are_scored_by_source_too(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    rows = [make_trace(prompt=p, source=p, verdicts=[PASSED]) for p in ("x", "y")]
    write_rows(folder / "judged.parquet", rows, TRACE)
    found = {row.group: row.n_problems for row in score(folder, BASE) if row.metric == "pass@1"}
    assert found == {"": 2, "source=x": 1, "source=y": 1}


def test_problems_are_scored_by_each_label_and_by_source(tmp_path: Path) -> None:
    rows = [
        make_trace(
            prompt=str(at),
            source=f"source{at % 2}",
            verdicts=[PASSED if at < 2 else FAILED],
            extra=json.dumps({"difficulty": "hard" if at else "easy", "subject": "Algebra", "level": at // 2}),
        )
        for at in range(4)
    ]
    write_rows(tmp_path / "judged.parquet", rows, TRACE)
    groups = {row.group: (row.value, row.n_problems) for row in score_benchmark("b", {BASE: tmp_path}) if row.group}
    assert groups == {
        **{"source=source0": (0.5, 2), "source=source1": (0.5, 2)},
        **{"level=0": (1.0, 2), "level=1": (0.0, 2)},
        **{"difficulty=easy": (1.0, 1), "difficulty=hard": (1 / 3, 3)},
    }


def test_problems_are_scored_by_level_and_by_how_hard_they_are_for_the_base(tmp_path: Path) -> None:
    rates = {"never": 0, "hard": 1, "medium": 2, "easy": 3, "always": 4}
    for variant in (BASE, STUDENT):
        (tmp_path / str(variant)).mkdir()
        rows = [
            make_trace(
                prompt=band,
                sample_index=at,
                verdicts=[PASSED if at < n else FAILED],
                extra=json.dumps({"level": n % 2}),
            )
            for band, n in rates.items()
            for at in range(4)
        ]
        write_rows(tmp_path / str(variant) / "judged.parquet", rows, TRACE)
    scores = score_benchmark("b", {variant: tmp_path / str(variant) for variant in (BASE, STUDENT)})
    groups = {(row.model, row.group): (row.value, row.n_problems) for row in scores if row.group}
    levels = {"level=0": (0.5, 3), "level=1": (0.5, 2)}
    assert groups == {(model, name): found for model in ("base", "student") for name, found in levels.items()} | {
        ("student", f"for the base={band}"): (n / 4, 1) for band, n in rates.items()
    }
