"""The section `sampling.search`: every mistake in one line, with the remedy."""

from pathlib import Path

import pytest
import yaml
from search_makers import PAIR

from configs.load import ConfigError, load_config
from configs.schema import Config
from configs.search import Beam, BestOfN, Dvts, Mcts

SERVER = "teacher={kind: server, name: big, model: m, max_model_len: 1024, base_urls: [http://a/v1]}"


def load(folder: Path, *overrides: str) -> Config:
    (folder / "pair.yaml").write_text(yaml.safe_dump(PAIR))
    return load_config(folder / "pair.yaml", list(overrides))


def test_each_kind_has_its_settings(tmp_path: Path) -> None:
    kinds = {"best_of_n": BestOfN, "beam": Beam, "dvts": Dvts, "mcts": Mcts}
    for kind, section in kinds.items():
        config = load(tmp_path, f"sampling.search={{kind: {kind}, scorer: prm}}")
        assert config.sampling
        assert type(config.sampling.search) is section
    assert load(tmp_path, "sampling.search=null").sampling


@pytest.mark.parametrize(("width", "expand", "kept"), [(4, 4, 1), (8, 4, 2), (8, 1, 8), (1024, 4, 256)])
def test_width_over_expand_prefixes_go_on(width: int, expand: int, kept: int) -> None:
    assert Beam(kind="beam", scorer="s", width=width, expand=expand).kept == kept


@pytest.mark.parametrize(("width", "remedy"), [(3, "width=4"), (7, "width=8"), (9, "width=8"), (1, "width=4")])
def test_a_width_that_is_no_multiple_is_refused(width: int, remedy: str, tmp_path: Path) -> None:
    for kind in ("beam", "dvts"):
        with pytest.raises(ConfigError, match=f"width={width} is no multiple of expand=4: .*; set {remedy}$"):
            load(tmp_path, f"sampling.search={{kind: {kind}, scorer: prm, width: {width}, expand: 4}}")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["search.scorer=other"], r"sampling.search.scorer: no scorer is named other; known: exact, orm, prm"),
        (["search.scorer=orm", "search.aggregate=min"], "a scorer of kind outcome gives outcome, not min"),
        (["search.scorer=orm"], "search.scorer: orm scores whole traces, and beam needs scores of steps; take a"),
        (["search.aggregate=outcome"], "a scorer of kind process gives mean, min, product or last, not outcome"),
        (["search.kind=tree"], "sampling.search.kind: must be one of 'best_of_n', 'beam', 'dvts', 'mcts'"),
        (["search.width=0"], "sampling.search.width: .*greater than or equal to 1"),
        (["search.width=1025"], "sampling.search.width: .*less than or equal to 1024"),
        (["search.depth=0"], "sampling.search.depth: .*greater than or equal to 1"),
        (["search.depth=1001"], "sampling.search.depth: .*less than or equal to 1000"),
        (["search.stop=[]"], "sampling.search.stop: .*at least 1 item"),
        (["search.stop=['']"], "sampling.search.stop.0: .*at least 1 character"),
        (["search.step_tokens=513"], r"search.step_tokens exceeds max_tokens \(512\): lower it"),
        (["temperature=0"], "search draws several continuations, which are all the same at temperature 0"),
        (["second_chances=[{temperature: 0, max_n: 1}]"], "all the same at temperature 0"),
        (["thinking_tokens=100"], "thinking_tokens bounds a trace that is drawn in one go: remove it, or search"),
        (["logprobs=5"], "logprobs are kept of a trace that is drawn in one go: remove logprobs, or search"),
        (["second_chances=[{thinking_tokens: 9}]"], "thinking_tokens bounds a trace"),
        (["second_chances=[{continue_truncated: true}]"], "continue_truncated goes on with one given trace"),
    ],
)
def test_mistakes_are_told_with_the_remedy(overrides: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, *(f"sampling.{override}" for override in overrides))


def test_a_searchs_scorer_runs_in_transformers(tmp_path: Path) -> None:
    for engine in ("auto", "transformers"):
        assert load(tmp_path, f"scorers.prm.engine={engine}").sampling
    with pytest.raises(ConfigError, match=r"prm runs in vLLM, .*; set scorers.prm.engine to auto or transformers$"):
        load(tmp_path, "scorers.prm.engine=vllm")


def test_bounds_hold_where_they_say(tmp_path: Path) -> None:
    for override in ("search.depth=1", "search.depth=1000", "search.step_tokens=512", "search.width=1024"):
        assert load(tmp_path, f"sampling.{override}").sampling


def test_a_chat_server_draws_whole_traces_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a chat server cannot continue a text, as beam needs; set kind: best_of_n"):
        load(tmp_path, SERVER)
    assert load(tmp_path, SERVER, "sampling.search={kind: best_of_n, scorer: prm}").sampling


def test_a_search_is_led_by_what_is_there_while_it_samples(tmp_path: Path) -> None:
    judge = "scorers.wise={kind: step_judge, judge: {kind: fake_judge}, sampling: {max_tokens: 99}}"
    with pytest.raises(
        ConfigError, match="wise is an LLM judge, which reads whole traces after sampling; take equations"
    ):
        load(tmp_path, judge, "sampling.search.scorer=wise")
    stage = "training=[{method: reward, max_length: 512}, {max_length: 512}]"
    made, search = "scorers.made={kind: outcome, from: reward}", "{kind: best_of_n, scorer: made}"
    with pytest.raises(
        ConfigError, match="trained in this run, after sampling; train it in another run and give its path"
    ):
        load(tmp_path, made, stage, f"sampling.search={search}")
