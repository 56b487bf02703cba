"""The model card's licences, its warnings, and what it leaves out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from card_makers import CARD, RECIPE

from configs.models import MixedReasoning
from records.rows import Score
from student.export.card import Card, header, how_it_reasons, write_card
from student.export.hub_results import Benchmark
from student.export.licenses import MADE_HERE, license_of


def written(folder: Path, card: Card) -> str:
    write_card(folder, card)
    return (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("Qwen/QwQ-32B", "apache-2.0"),
        ("Qwen/Qwen3-32B", "apache-2.0"),
        ("deepseek-ai/DeepSeek-R1", "mit"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "mit"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "llama3.1"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3.3"),
        ("Qwen/Qwen2.5-14B", "apache-2.0"),
        ("Qwen/Qwen2.5-Math-7B", "apache-2.0"),
        ("Qwen/Qwen2.5-3B", "qwen-research"),
        ("google/gemma-3-1b-pt", "gemma"),
    ],
)
def test_known_licences(model: str, name: str) -> None:
    found = license_of(model)
    assert found
    assert found.name == name
    assert bool(found.prefix) is name.startswith("llama")


def test_an_unknown_licence_is_said_to_be_unknown(tmp_path: Path) -> None:
    assert license_of("owner/something") is None
    assert "its licence is not known to Retort" in written(tmp_path, replace(CARD, teacher_license=None))
    assert "not known" not in written(tmp_path, replace(CARD, teacher_license=MADE_HERE))


@pytest.mark.parametrize(("title", "warned"), [("pair: small", True), ("Llama-pair: small", False)])
def test_llamas_licence_asks_for_its_name(tmp_path: Path, title: str, warned: bool) -> None:
    llama = license_of("meta-llama/Llama-3.1-8B")
    for card in (replace(CARD, base_license=llama), replace(CARD, teacher_license=llama)):
        text = written(tmp_path, replace(card, title=title))
        assert "“Built with Llama”" in text
        assert ("does not begin with “Llama”" in text) is warned


@pytest.mark.parametrize("boxed", [True, False])
@pytest.mark.parametrize(
    ("reasoning", "parts", "absent"),
    [
        ("visible", ["inside `<think>…</think>`"], "at once"),
        ("hidden", ["at once"], "think"),
        (MixedReasoning(no_think_share=0.5), ["inside `<think>…</think>`", "with `/no_think at", "at once"], "{{"),
    ],
)
def test_the_card_says_what_the_student_writes(reasoning: Any, parts: list[str], absent: str, boxed: bool) -> None:
    sentence = how_it_reasons(reasoning, "/no_think at the end of the user's turn", boxed)
    assert all(part in sentence for part in parts)
    assert absent not in sentence
    assert ("`\\boxed{}`" in sentence) is boxed


def test_a_system_prompt_is_told(tmp_path: Path) -> None:
    assert "Ask as it was trained: `{problem}\\nThink.`." in written(tmp_path, CARD)
    text = written(tmp_path, replace(CARD, system="Reason\nwell."))
    assert (
        "Ask as it was trained: `Reason\\nwell.` as the system's turn, and `{problem}\\nThink.` as the user's." in text
    )


def test_nothing_is_invented(tmp_path: Path) -> None:
    text = written(tmp_path, CARD)
    assert "Not evaluated." in text
    assert "Measured on" not in text
    assert "Further formats" not in text
    assert "The language of its reasoning was not checked." in text
    assert "adapter was merged" not in text
    assert not (tmp_path / ".eval_results").exists()
    assert "model-index" not in header(CARD)
    merged = replace(CARD, recipes=[replace(RECIPE, merged="the dequantized base")])
    assert "Its adapter was merged onto the dequantized base" in written(tmp_path, merged)


def test_traces_that_it_was_not_trained_on_are_not_told(tmp_path: Path) -> None:
    text = written(tmp_path, CARD)
    assert "fine-tuned on verified reasoning traces of big" in text
    assert "| selected, of 4 problems | 4 |" in text
    assert "second opinion" not in text
    text = written(tmp_path, replace(CARD, funnel=None, methods=["grpo", "distill"]))
    assert "trained with Retort by distill and grpo, on none of the traces of big." in text
    assert "verified" not in text
    assert "| sampled" not in text
    assert "Made from the dataset" not in text


def test_what_a_judge_alone_accepted_is_told(tmp_path: Path) -> None:
    assert CARD.funnel
    text = written(tmp_path, replace(CARD, funnel=replace(CARD.funnel, by_second_opinion=2)))
    assert "| of these by the second opinion | 2 |" in text


def test_only_losses_of_tokens_have_their_unit(tmp_path: Path) -> None:
    assert "mean loss 0.5000 nats per token." in written(tmp_path, CARD)
    grpo = replace(RECIPE, settings={"method": "grpo"})
    assert "mean loss 0.5000." in written(tmp_path, replace(CARD, recipes=[grpo]))


def test_every_training_stage_is_told_if_there_are_several(tmp_path: Path) -> None:
    assert "### sft" not in written(tmp_path, CARD)
    second = replace(RECIPE, stage="rejection", dropped={"too_long": 2})
    text = written(tmp_path, replace(CARD, recipes=[RECIPE, second, replace(second, stage="last", start="sft")]))
    assert "### sft, starting from the base" in text
    assert "### rejection, starting from the base" in text
    assert "### last, starting from sft" in text
    assert "Left out as too_long: 2." in text


def test_what_the_preflight_found_is_told(tmp_path: Path) -> None:
    text = written(tmp_path, CARD)
    for line in (
        "| duplicates | 1 |",
        "| stop token | <\\|im_end\\|> |",
        "| rows of up to 1,024 tokens | 3 |",
        "| rows of up to 2,048 tokens | 1 |",
    ):
        assert line in text
    assert "| | estimate | measured |" not in text
    row = ("time", "1:00:00 at 35 % of the peak", "0:55:00")
    text = written(tmp_path, replace(CARD, recipes=[replace(RECIPE, estimates=[row])]))
    assert "\n| | estimate | measured |\n|---|---|---|\n| time | 1:00:00 at 35 % of the peak | 0:55:00 |\n" in text


def test_only_a_base_on_the_hub_is_named_in_the_header() -> None:
    assert header(CARD)["base_model"] == "Qwen/Qwen2.5-1.5B"
    assert "base_model" not in header(replace(CARD, base_on_hub=False))


def test_languages_of_the_limits_reach_the_header(tmp_path: Path) -> None:
    for languages, listed, said in (
        (["de", "en"], ["de", "en"], "are in de, en."),
        ([], None, "in the language of their problem"),
    ):
        card = replace(CARD, limits=replace(CARD.limits, languages=languages))
        assert header(card).get("language") == listed
        assert said in written(tmp_path, card)


def test_the_charts_stand_beside_the_card(tmp_path: Path) -> None:
    text = written(tmp_path, replace(CARD, scores_table="|", charts={"accuracy-aime.png": b"png"}))
    assert "](accuracy-aime.png)\n\n|" in text
    assert (tmp_path / "accuracy-aime.png").read_bytes() == b"png"


def test_names_bring_no_markup(tmp_path: Path) -> None:
    name = "x\n# Owned\n---\n<script> [y](javascript:z) `|"
    limits = replace(CARD.limits, sources=[name], benchmarks=[name])
    hostile = replace(CARD, title=name, base=name, teacher=name, license=name, system=name, prompt=name, limits=limits)
    text = written(
        tmp_path,
        replace(hostile, recipes=[replace(RECIPE, settings={"method": "sft", "a": "|\n|"}, facts=[("b", "|\n|")])]),
    )
    front, body = text.removeprefix("---\n").split("\n---\n\n", 1)
    assert yaml.safe_load(front)["license"] == name
    assert not [line for line in body.splitlines() if line.startswith(("# Owned", "---", "<script>"))]
    assert body.count(" [y](javascript:z) `| ``") == body.count("[y](javascript:z)") == 3, (
        "licence and both turns, as code"
    )
    assert "\n| b | \\| \\| |\n" in body


def test_a_generated_benchmark_stays_out_of_the_leaderboards(tmp_path: Path) -> None:
    scores = [Score(name, "student", "full", "pass@1", 0.5, 0.4, 0.6, 10, 20) for name in ("aime", "made")]
    aime = Benchmark(dataset="owner/aime", revision=None, split="test")
    write_card(tmp_path, replace(CARD, scores=scores, scores_table="|", benchmarks={"aime": aime, "made": None}))
    assert [file.name for file in (tmp_path / ".eval_results").iterdir()] == ["aime.yaml"]
    front = (tmp_path / "README.md").read_text().split("---\n")[1]
    (index,) = yaml.safe_load(front)["model-index"]
    assert [result["dataset"]["type"] for result in index["results"]] == ["owner/aime", "made"]
