"""A stage whose workers die is started again as long as its shards progress."""

from pathlib import Path

import pytest
import yaml
from search_makers import PAIR

from configs.load import load_config
from flows.distill import plan_distillation
from flows.plan import Sharded
from flows.run.building import ShardProgress


@pytest.mark.parametrize("journal", ["traces-00000.jsonl", ".search-0.jsonl", "rollouts-00000.jsonl"])
def test_whatever_is_journaled_is_progress(journal: str, tmp_path: Path) -> None:
    (tmp_path / "pair.yaml").write_text(yaml.safe_dump(PAIR | {"run_dir": str(tmp_path / "run")}))
    stage = plan_distillation(load_config(tmp_path / "pair.yaml")).traces
    assert isinstance(stage, Sharded)
    stage.path.mkdir(parents=True)
    before = ShardProgress.of([stage])
    (stage.path / journal).write_text("an expansion, though no trace is found yet")
    after = ShardProgress.of([stage])
    assert after.exceeds(before)
    assert not before.exceeds(after)
    assert not after.exceeds(after)


def test_a_finished_shard_is_progress_though_it_is_smaller_than_its_journal() -> None:
    assert ShardProgress(shards=1, bytes=10).exceeds(ShardProgress(shards=0, bytes=90))
    assert not ShardProgress(shards=0, bytes=90).exceeds(ShardProgress(shards=0, bytes=90))
