"""Whose logits teach: models of padded sizes, with another tokenizer, or behind a server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from distill_makers import distil, make_stage, write_pair, write_problems
from transformers import AutoModelForCausalLM, AutoTokenizer

from records.errors import InputError
from student.data.rendering import IGNORED
from student.data.vocabularies import check_same_vocabulary, differing, used_rows
from student.methods.gold import GoldTrainer
from student.methods.output_layer import output_layer


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_problems(tmp_path_factory.mktemp("problems"))


def test_vocabularies_are_compared_themselves() -> None:
    own = {"a": 0, "b": 1, "<s>": 2}
    assert differing(own, dict(own)) == []
    assert differing(own, {"a": 0, "c": 1, "<s>": 2}) == ["b", "c"]
    assert differing(own, {"b": 0, "a": 1, "<s>": 2}) == ["a", "b"]
    assert differing(own, {"a": 0, "b": 1}) == ["<s>"]


def test_one_special_token_more_is_another_vocabulary(tmp_path: Path) -> None:
    student, teacher = (AutoTokenizer.from_pretrained(folder) for folder in write_pair(tmp_path))
    check_same_vocabulary(student, teacher)
    teacher.add_special_tokens({"additional_special_tokens": ["<|tool|>"]})
    with pytest.raises(InputError, match=r"in 1 entry, such as '<\|tool\|>', which is no token in the student and 2"):
        check_same_vocabulary(student, teacher)
    assert used_rows(teacher) == used_rows(student) + 1 == len(teacher)


def resized(source: Path, folder: Path, rows: int) -> Path:
    """A copy of a model with more or fewer rows that belong to no token; new ones would be likely."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(source), AutoTokenizer.from_pretrained(source)
    model.resize_token_embeddings(rows, mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight[len(tokenizer) :] = 3.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_padded_sizes_make_no_difference(problems: Path, tmp_path: Path) -> None:
    """The first loss is that of equal sizes. Later draws differ, because a draw takes a random number for each row."""
    student, teacher = write_pair(tmp_path, 280, 280)
    stage = make_stage({"temperature": 1e-3, "max_steps": 1})  # so low that the draws are the most probable tokens
    pairs = {
        "equal": (student, teacher),
        "student": (resized(student, tmp_path / "student-288", 288), teacher),
        "teacher": (student, resized(teacher, tmp_path / "teacher-320", 320)),
    }
    found = {name: distil(tmp_path / name, pair, problems, stage) for name, pair in pairs.items()}
    assert len({(one.tokens, one.supervised_tokens) for one in found.values()}) == 1
    assert found["student"].loss == pytest.approx(found["equal"].loss, rel=1e-5)
    assert found["teacher"].loss == pytest.approx(found["equal"].loss, rel=1e-5)


def test_an_output_layer_is_cut_and_scaled_as_its_config_says(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(write_pair(tmp_path)[0])
    hidden = torch.randn(3, 64)
    logits = output_layer(model, 280).logits(hidden)
    torch.testing.assert_close(logits, model.lm_head(hidden)[:, :280])
    model.config.logits_scaling, model.config.final_logit_softcapping = 4.0, 2.0
    wanted = 2 * torch.tanh(model.lm_head(hidden)[:, :280] / 4 / 2)
    torch.testing.assert_close(output_layer(model, 280).logits(hidden), wanted)


def test_gold_takes_a_teacher_with_another_tokenizer(problems: Path, tmp_path: Path) -> None:
    pair = write_pair(tmp_path, other=True)
    stage = make_stage({"eval_steps": 2, "uld_use_hybrid_loss": True}, align="gold", held_out=2)
    counts = distil(tmp_path / "out", pair, problems, stage)
    assert (counts.steps, counts.held_out_rows) == (4, 2)
    assert counts.loss > 0
    assert counts.held_out_loss
    again = distil(tmp_path / "again", pair, problems, stage)
    assert again.loss == counts.loss


def test_gold_from_the_student_itself_has_no_loss(problems: Path, tmp_path: Path) -> None:
    """Digits are one token each, so that the teacher reads what the student has drawn."""
    student, _ = write_pair(tmp_path)
    others = [
        number
        for token, number in AutoTokenizer.from_pretrained(student).get_vocab().items()
        if token not in "0123456789"
    ]
    stage = make_stage({"max_steps": 1, "generation_kwargs": {"suppress_tokens": others}}, align="gold")
    assert distil(tmp_path / "out", (student, student), problems, stage).loss == pytest.approx(0, abs=1e-5)


class Served(BaseHTTPRequestHandler):
    """The part of vLLM's server that TRL asks (`VLLMClient.get_sequence_logprobs`), on a real model."""

    model: Any = None

    def do_GET(self) -> None:
        self.answer({"data": [{"id": "teacher"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        choices = []
        for ids in asked["prompt"]:
            with torch.no_grad():
                logprobs = self.model(torch.tensor([ids])).logits[0].log_softmax(-1)
            places: list[Any] = [None]
            for before, token in enumerate(ids[1:]):
                row = logprobs[before]
                order = row.argsort(descending=True).tolist()
                wanted = {*order[: asked["prompt_logprobs"]], token}
                places.append({str(one): {"logprob": float(row[one]), "rank": order.index(one) + 1} for one in wanted})
            choices.append({"prompt_logprobs": places})
        self.answer({"choices": choices})

    def answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[tuple[Path, Path], str]]:
    pair = write_pair(tmp_path)
    Served.model = AutoModelForCausalLM.from_pretrained(pair[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield pair, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_served_teacher_teaches_as_its_weights_do(
    served: tuple[tuple[Path, Path], str], problems: Path, tmp_path: Path
) -> None:
    (student, teacher), address = served
    settings = {"beta": 0.0, "max_steps": 2, "learning_rate": 1e-3}
    here = distil(tmp_path / "here", (student, teacher), problems, make_stage(settings))
    given = {"path": str(teacher), "server": address, "dtype": "float32"}
    stage = make_stage(settings | {"loss_top_k": 280}, teacher=given)
    there = distil(tmp_path / "there", (student, teacher), problems, stage)
    assert (there.tokens, there.supervised_tokens) == (here.tokens, here.supervised_tokens)
    assert there.loss == pytest.approx(here.loss, rel=2e-2)  # TRL's mean is over each batch, not over the step


def test_gold_counts_half_characters_as_the_teacher_reads_them(tmp_path: Path) -> None:
    student, _ = write_pair(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(student)
    own = tokenizer.convert_tokens_to_ids(["1", "Ã", "2", "ð", "3", tokenizer.eos_token])
    gold: Any = SimpleNamespace(
        student_tokenizer=tokenizer, eos_token_ids={own[-1]}, uld=SimpleNamespace(use_extended_uld=True)
    )
    (text,), offsets = GoldTrainer.texts_of(gold, torch.tensor([[IGNORED, *own]]))
    assert text == "1\ufffd2\ufffd3"
    read = [text.encode()[start:end].decode("utf-8", "ignore") for start, end in offsets[0].tolist()]
    assert [read[at] for at in (1, 5)] == ["1", "3"]
    assert offsets[0, -1].tolist() == [len(text.encode())] * 2, "the stop token is behind the text"


def test_a_teacher_with_a_shorter_context_is_refused(problems: Path, tmp_path: Path) -> None:
    pair = write_pair(tmp_path)
    config = json.loads((pair[1] / "config.json").read_text())
    (pair[1] / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 63}))
    for align in ("same", "gold"):
        with pytest.raises(InputError, match=r"teacher: max_length=64 exceeds the context of .*, 63 tokens"):
            distil(tmp_path / "out", pair, problems, make_stage(align=align))
