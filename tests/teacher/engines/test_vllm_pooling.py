"""vLLM serves reward models, on the CPU: scores are those of transformers, of every form that it serves."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_server import CommandServer
from scorer_makers import change_config, make_reward_model, say_nothing, text

from configs.scorers import OutcomeScorer, ProcessScorer
from filters.scorers.served import SERVED
from records.errors import InputError

FORMS = ("rlhflow", "outcome", "trl", "qwen_math_prm")
"""The first one is served from a process of its own, as on a GPU. math_shepherd differs from it only in what is
written."""
TRACES = [
    text("One.\nTwo.\n" * 2, "Three."),
    text(),
    text("", "x" * 500),
    text("", "4"),
    text(" ", "\n"),
    text("2 + 2 = 5."),
]
TOLERANCE = 1e-5
"""Between scores in float32; seen are 1e-6."""
SCRIPT = """
import json, os, signal, sys, threading, time
from functools import partial
from pathlib import Path
import psutil
sys.path.append(sys.argv[2])
from test_vllm_pooling import FORMS, TRACES, scorer_of
from configs.models import Engine
from filters.scorers.models import OutcomeModel, ProcessModel
from records.pooling import Pooling
from teacher.engines.shared import SharedEngine
from teacher.engines.vllm_pooling import PoolingEngine, borrow_pooling

def kill_core():
    (core,) = [child for child in psutil.Process().children() if child.name().startswith("VLLM::EngineCor")]
    os.kill(core.pid, signal.SIGKILL)

def main(place):
    for form in FORMS:
        os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = str(int(form == FORMS[0]))
        scorer, folder, told = scorer_of(form, place / form, "vllm"), str(place / form), []
        with SharedEngine() as shared:
            serve = partial(borrow_pooling, scorer.dtype, scorer.vllm, shared)
            kind = OutcomeModel if form == "outcome" else ProcessModel
            model = kind(scorer, folder, serve)
            found = model(TRACES, lambda *more: told.append(more))
            again = kind(scorer, folder, serve)
            row = {"form": form, "told": [sum(one) for one in zip(*told)], "runtime": model.reader.runtime}
            row["same engine"] = again.reader.engine is model.reader.engine is shared.engine
            row["same scores"] = [one == other for one, other in zip(again(TRACES, lambda *_: None), found)]
            row["scores"] = [[one.steps, one.outcome, one.left_out, one.tokens, one.runtime] for one in found]
            if form == "outcome":
                ids, pad = model.write(TRACES[1])[0], model.tokenizer.pad_token_id
                texts = [(ids, []), ([*ids, pad, pad], []), (ids[:-1], []), ([pad, pad], [])]
                read = dict(one for group in model.reader.read(texts) for one in group)
                row["padded"] = [read[at][0] for at in range(len(texts))]
            print("told", json.dumps(row), flush=True)
            if form == FORMS[0]:
                kill_core()
                try:
                    model(TRACES, lambda *_: None)
                except Exception as error:
                    print("raised", type(error).__name__, flush=True)

if __name__ == "__main__":
    main(Path(sys.argv[1]))
"""


def scorer_of(form: str, folder: Path, engine: str) -> Any:
    shared: dict[str, Any] = {
        "path": str(folder),
        "dtype": "float32",
        "engine": engine,
        "vllm": {"enforce_eager": True},
    }
    if form == "outcome":
        return OutcomeScorer(kind="outcome", **shared)
    return ProcessScorer(kind="process", form=form, **shared)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served")
    for form in FORMS:
        make_reward_model(place / form, form, hidden=64)
        averages_its_tokens(place / form)
    change_config(place / "outcome", classifier_from_token=["a", "b"], method="from_2_way_softmax")
    return place


def averages_its_tokens(folder: Path) -> None:
    """Add what sentence-transformers keeps beside a model of embeddings. vLLM reads it, as it reads in config.json
    which tokens' rows shall become a head; transformers reads neither."""
    kind = "sentence_transformers.models"
    parts = [{"path": "", "type": f"{kind}.Transformer"}, {"path": "1_Pooling", "type": f"{kind}.Pooling"}]
    (folder / "modules.json").write_text(json.dumps(parts))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))


@pytest.fixture(scope="module")
def printed(place: Path, commands: CommandServer) -> str:
    script = place / "pooling_script.py"
    script.write_text(SCRIPT)
    return commands.run_with_vllm(script, str(place), str(Path(__file__).parent), VLLM_CPU_KVCACHE_SPACE="1")


def told(printed: str) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line.removeprefix("told ")) for line in printed.splitlines() if line.startswith("told ")]
    return {row["form"]: row for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_scores_are_those_of_transformers(printed: str, place: Path, form: str) -> None:
    from filters.scorers.models import OutcomeModel, ProcessModel

    kind: Any = OutcomeModel if form == "outcome" else ProcessModel
    expected = kind(scorer_of(form, place / form, "transformers"), str(place / form))(TRACES, say_nothing)
    row = told(printed)[form]
    for (steps, outcome, left_out, tokens, runtime), other in zip(row["scores"], expected, strict=True):
        assert steps == pytest.approx(other.steps, abs=TOLERANCE)
        assert outcome == pytest.approx(other.outcome, abs=TOLERANCE)
        assert (left_out, tokens) == (other.left_out, other.tokens)
        assert runtime.startswith("vllm ") == other.runtime.startswith("transformers ") == (left_out is None)
    flat = [score for steps, outcome, *_ in row["scores"] for score in (*steps, outcome) if score is not None]
    assert len({round(score, 4) for score in flat}) > len(flat) / 2, "scores that are all alike would hide a mistake"


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_what_is_too_long_is_counted_and_no_error_of_the_engine(printed: str, form: str) -> None:
    row = told(printed)[form]
    assert [left_out for _, _, left_out, *_ in row["scores"]] == [None, None, "too_long", None, "no_steps", None]
    assert row["told"] == [len(TRACES), sum(tokens for _, _, _, tokens, _ in row["scores"])]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_scorers_of_the_same_weights_share_an_engine(printed: str, form: str) -> None:
    row = told(printed)[form]
    assert row["same engine"]
    assert all(row["same scores"]), "what was scored before changes nothing"
    assert row["runtime"].endswith(", CPU_ATTN, float32")


@pytest.mark.slow
def test_an_outcome_is_read_at_the_last_token_that_is_no_padding(printed: str, place: Path) -> None:
    from filters.scorers.models import OutcomeModel

    model = OutcomeModel(scorer_of("outcome", place / "outcome", "transformers"), str(place / "outcome"))
    ids, pad = model.write(TRACES[1])[0], model.tokenizer.pad_token_id
    texts: list[Any] = [(ids, []), ([*ids, pad, pad], []), (ids[:-1], []), ([pad, pad], [])]
    read = dict(one for group in model.reader.read(texts) for one in group)
    found = told(printed)["outcome"]["padded"]
    assert found == pytest.approx([read[at][0] for at in range(len(texts))], abs=TOLERANCE)
    assert found[0] == found[1] != found[2]


@pytest.mark.slow
def test_a_killed_engine_is_an_error_and_no_wait(printed: str) -> None:
    assert "raised EngineDeadError" in printed.splitlines()


def test_every_form_that_is_served_is_tried() -> None:
    assert {*FORMS, "math_shepherd"} == set(SERVED)


def test_a_model_of_which_vllm_would_make_another_one(place: Path, tmp_path: Path) -> None:
    from filters.scorers.in_vllm import ServedReader

    shutil.copytree(place / "outcome", tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"is_causal": False}))
    with pytest.raises(InputError, match="vLLM would make another model of it"):
        ServedReader(scorer_of("outcome", tmp_path, "vllm"), tmp_path, None, None)  # type: ignore[arg-type]
