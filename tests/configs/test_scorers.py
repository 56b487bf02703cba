"""The section `scorers`, and what selection and evaluation say of it: every mistake in one line, with the remedy."""

from pathlib import Path

import pytest
from scored_pair_makers import load

from configs.load import ConfigError


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


STEPS = "{name: steps, method: process_reward, max_length: 512, data: [{path: hf://o/n, form: prm800k}]}"


def own_samples(scorer: str, *, first: str = "{max_length: 512}", last: str = "") -> str:
    """A stage that learns from what the first one's model samples, selected by a scorer, and perhaps one behind it."""
    chosen = f"{{order: score, scorer: {scorer}}}"
    learnt = f"{{name: own, max_length: 512, data: [{{from: {{sample: sft, n: 2, selection: {chosen}}}}}]}}"
    return f"training=[{', '.join(one for one in (first, learnt, last) if one)}]"


@pytest.mark.parametrize(
    ("scorer", "message"),
    [
        (
            "pmr",
            "training.1.data.0.from: selection.scorer: no scorer is named pmr; known: exact, orm, prm, made",
        ),
        ("orm", "from: selection.aggregate: a scorer of kind outcome gives outcome, not product"),
        (
            "made",
            "from: selection.scorer: made is trained by steps, and these traces are selected before that; move that",
        ),
    ],
)
def test_a_scorer_of_own_samples_is_there_and_gives_what_is_asked(tmp_path: Path, scorer: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, "scorers.made={kind: process, from: steps}", own_samples(scorer, last=STEPS))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_scorer_that_was_trained_before_selects_own_samples(tmp_path: Path) -> None:
    first = f"{{max_length: 512}}, {STEPS}"
    config = load(tmp_path, "scorers.made={kind: process, from: steps}", own_samples("made", first=first))
    (sampled,) = config.training[2].samplings.values()
    assert sampled.selection_by(config.selection).scorer == "made"
