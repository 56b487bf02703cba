"""The file of configs/demo/recorded.yaml is what the script writes, and every fault in it gets its reason."""

import json
from pathlib import Path

import pytest
from conftest import ROOT

from bench.demo_traces import FAULTS, NO_REFERENCE, rows
from configs.load import load_config
from configs.teachers import RecordedTeacher
from filters.chain import all_filters
from filters.counting.funnel import Funnel
from filters.workers import workers
from records.parquet import read_traces
from teacher.problems.recorded import import_traces

FILE = ROOT / "configs" / "demo" / "traces.jsonl"


def test_the_file_is_what_the_script_writes() -> None:
    assert [json.loads(line) for line in FILE.read_text().splitlines()] == list(rows())
    assert FILE.stat().st_size < 200_000


def test_the_funnel_shows_every_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    config = load_config("configs/demo/recorded.yaml")
    assert isinstance(config.teacher, RecordedTeacher)
    imported = import_traces(tmp_path, config.teacher, lambda *known, **more: None)
    made = {name: count for name, (count, _) in FAULTS.items()}
    assert (imported.traces, imported.problems) == (90 + sum(made.values()), 90)
    funnel = Funnel()
    with workers(config.judging, all_filters(config.judging, {}, ())) as pool:
        for trace, verdicts in pool.stream(read_traces(tmp_path), lambda trace: trace):
            trace.verdicts.extend(verdicts)
            funnel.add(trace)
    counts = funnel.counts(lambda *known: 0.0)
    assert counts.rejected == {
        "wrong_answer": made["wrong_answer"],
        "truncated": made["truncated"] + made["empty"],
        "bad_format": made["two_boxes"],
        "no_answer": made["no_box"],
        "repetitive": made["loop"],
        "mixed_language": made["two_languages"],
        "refused": made["refusal"],
    }
    assert counts.unknown == {"unverifiable": NO_REFERENCE}
    assert counts.accepted == 90 - NO_REFERENCE + made["tags_twice"] + made["same_again"]
