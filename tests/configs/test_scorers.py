"""The section `scorers`, and what selection and evaluation say of it: every mistake in one line, with the remedy."""

from pathlib import Path

import pytest
import yaml
from scored_configs import PAIR

from configs.load import ConfigError, load_config
from configs.schema import Config


def load(folder: Path, *overrides: str) -> Config:
    (folder / "pair.yaml").write_text(yaml.safe_dump(PAIR))
    return load_config(folder / "pair.yaml", list(overrides))


def test_scorers_are_named_and_used(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert [one.aggregate for one in config.scorers.values()] == ["mean", "outcome", "min"]
    assert load(tmp_path, "selection.aggregate=null", "selection.order=first").selection.min_score == 0.5


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["scorers.prm.form=llama"], "scorers.prm.form: "),
        (["scorers.prm.kind=judge"], "scorers.prm.kind: must be one of 'equations', 'outcome', 'process'"),
        (["scorers.prm.path=null"], "scorers.prm: give either path (a model that exists) or from"),
        (["scorers.prm.from=sft"], "scorers.prm: give either path"),
        (["scorers.orm.path=hf://owner/orm"], "path: write the Hugging Face name alone, owner/orm"),
        (["scorers.orm.path=null", "scorers.orm.from=sft"], "revision belongs to a Hugging Face name"),
        (
            ["scorers.orm={kind: outcome, from: sft}"],
            "scorers.orm.from: sft is of method sft; add a stage of method reward, or give a path",
        ),
        (["scorers.orm={kind: outcome, from: rm}"], "scorers.orm.from: rm is no stage of training; add a stage of"),
        (["scorers.prm={kind: process, from: sft, form: skywork}"], "remove form beside from"),
        (["scorers.exact.aggregate=outcome"], "scorers.exact.aggregate: "),
        (["selection.scorer=pmr"], "selection.scorer: no scorer is named pmr; known: exact, orm, prm"),
        (["selection.scorer=null"], "need scorer, the name of one of the scorers"),
        (["selection.order=first", "selection.min_score=null"], "scorer does nothing by itself"),
        (["selection.scorer=orm"], "selection.aggregate: a scorer of kind outcome gives outcome, not product"),
        (["selection.aggregate=outcome"], "a scorer of kind process gives mean, min, product or last, not outcome"),
        (["evaluation.rerank=[none]"], "evaluation.rerank.0: no scorer is named none; known: "),
        (["evaluation.rerank=[orm, orm]"], "a scorer is listed twice; remove one"),
        (["evaluation.n=1"], "evaluation.rerank: there is nothing to choose from; set evaluation.n above 1"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(tmp_path: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, *overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
