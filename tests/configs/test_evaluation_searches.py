"""The section `evaluation.search`: every mistake in one line, with the remedy, before the first stage."""

from pathlib import Path

import pytest
from scored_pair_makers import load

from configs.checkpoint import of_pair
from configs.load import ConfigError
from configs.search import Beam, BestOfN, Mcts, search_names

BEAM = "{kind: beam, scorer: prm, width: 8, expand: 4}"


def searched(folder: Path, *searches: str, **settings: str) -> None:
    given = [f"evaluation.{name}={value}" for name, value in settings.items()]
    load(folder, f"evaluation.search=[{', '.join(searches)}]", *given)


@pytest.mark.parametrize(
    ("searches", "settings", "message"),
    [
        (
            ["{kind: beam, scorer: pmr}"],
            {},
            "evaluation.search.0.scorer: no scorer is named pmr; known: exact, orm, prm",
        ),
        (
            [BEAM, "{kind: dvts, scorer: orm}"],
            {},
            "search.1.scorer: orm scores whole traces, and dvts needs scores of steps; take a scorer of kind "
            "process or equations, or set kind: best_of_n",
        ),
        (["{kind: best_of_n, scorer: orm, aggregate: min}"], {}, "search.0.aggregate: a scorer of kind outcome gives"),
        (["{kind: tree, scorer: prm}"], {}, "evaluation.search.0.kind: must be one of 'best_of_n', 'beam', 'dvts',"),
        (["{kind: beam, scorer: prm, width: 6}"], {}, "width=6 is no multiple of expand=4"),
        ([BEAM, BEAM], {}, "evaluation.search.1: is the same search as evaluation.search.0; remove one"),
        (
            [BEAM, "{kind: beam, scorer: prm, width: 8, aggregate: min}"],
            {},
            "evaluation.search.1: is the same search as evaluation.search.0",
        ),
        (
            [BEAM],
            {"n": "1", "rerank": "[]"},
            "evaluation.search: is compared with several samples of a problem, and no benchmark has them; set "
            "evaluation.n above 1",
        ),
        (
            ["{kind: mcts, scorer: prm, step_tokens: 501}"],
            {},
            "evaluation.search.0.step_tokens exceeds max_tokens (500) of benchmark held_out: lower it",
        ),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    searches: list[str], settings: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as error:
        searched(tmp_path, *searches, **settings)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_a_judge_says_comes_too_late(tmp_path: Path) -> None:
    judge = "scorers.wise={kind: step_judge, judge: {kind: fake_judge}, sampling: {max_tokens: 99}}"
    with pytest.raises(ConfigError, match="wise is an LLM judge, which reads whole traces after sampling"):
        load(tmp_path, judge, "evaluation.search=[{kind: beam, scorer: wise}]")


def test_bounds_hold_where_they_say(tmp_path: Path) -> None:
    searched(tmp_path, "{kind: mcts, scorer: prm, step_tokens: 500}", n="2")
    searched(tmp_path, "{kind: best_of_n, scorer: orm}", BEAM, "{kind: beam, scorer: prm, width: 8, aggregate: last}")
    one_sample = "benchmarks.easy={sources: [{kind: reasoning_gym, task: chain_sum, size: 3}], n: 1, max_tokens: 99}"
    load(tmp_path, one_sample, f"evaluation.search=[{BEAM}]")  # what is sampled once is not searched, however short


def test_a_scorer_that_this_run_trains_is_there_by_then(tmp_path: Path) -> None:
    steps = "{name: steps, method: process_reward, max_length: 512, data: [{path: hf://o/n, form: prm800k}]}"
    made = "scorers.made={kind: process, from: steps}"
    training = f"training=[{steps}, {{max_length: 512}}]"
    load(tmp_path, made, training, "evaluation.search=[{kind: beam, scorer: made}]")
    with pytest.raises(ConfigError, match="made is trained in this run, after sampling"):
        load(tmp_path, made, training, "sampling.search={kind: beam, scorer: made}")


def test_a_checkpoint_alone_has_no_scorers_and_nothing_to_be_compared_with() -> None:
    of_run = {"search": [{"kind": "beam"}], "rerank": ["prm"], "models": {"base": {}}, "gate": {"beats_base": True}}
    of_run |= {"budgets": {"wait": 1}}
    tree = {"student": {"name": "small"}, "evaluation": {"max_tokens": 9} | of_run}
    assert of_pair(tree)["evaluation"] == {"max_tokens": 9}


def test_searches_are_named_by_what_tells_them_apart() -> None:
    beams = [Beam(kind="beam", scorer="a", width=8, expand=expand) for expand in (4, 2)]
    others = [BestOfN(kind="best_of_n", scorer="a", width=4), Mcts(kind="mcts", scorer="a", simulations=3)]
    assert search_names([*beams, *others]) == ["beam 8, expand=4", "beam 8, expand=2", "best_of_n 4", "mcts 3"]
    assert search_names([beams[0], beams[0].model_copy(update={"scorer": "b", "aggregate": "last"})]) == ["beam 8"] * 2
