"""Every published chat template trains whole reasonings, or is refused with its reason."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import SHARED
from tokenizer_makers import make_byte_tokenizer

from configs.models import MixedReasoning
from configs.template import families
from records.chat_template import needed_tokens, use_template
from records.errors import InputError
from records.rendering import prompt_text
from records.special_tokens import stop_token
from records.thinking import split_reasoning
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import render_checked

TEMPLATES = SHARED / "templates"
REASONING, ANSWER = "Two and two\n\n**are** <|im_end|> four.", "It is \\boxed{4}.\n\nDone"
QUESTION = {"role": "user", "content": "What is 2 + 2?"}
ROW = {
    "messages": [QUESTION, {"role": "assistant", "content": f"<think>\n{REASONING}\n</think>\n\n{ANSWER}"}],
    "problem_id": "p",
}
# Marks that stand for one special token; the tags of reasoning and tools are ordinary text in most tokenizers.
MARK = re.compile(
    r"<[|｜][^|｜<>{}\s']+[|｜]>|</?s>|<(?:start|end)_of_turn>|<SPECIAL_\d+>|</?seed:\w+>|\[/?[A-Z][A-Z_]+\]|<sop>|\[gMASK\]"
)


class Trains(NamedTuple):
    stop: str
    """<eos>: the tokenizer's eos token, which the template writes by that name or leaves to the model."""
    prefill: str = ""
    switch: str = "/no_think"


IM_END, EOT, EOS, END, TURN = "<|im_end|>", "<|eot_id|>", "<eos>", "<|end|>", "<end_of_turn>"
DEEPSEEK, THINK, ARGUMENT = "<｜end▁of▁sentence｜>", "<think>\n", "enable_thinking=False"
CLOSES = "bad_format"
"""The prompt ends in a closed reasoning unless an argument opens it."""
CHANNELS = "writes '<|channel|>final<|message|>' between prompt and answer"

EXPECTED: dict[str, Trains | str] = {
    "deepseek-r1-distill-llama": Trains(DEEPSEEK, THINK),
    "deepseek-r1-distill-llama.llamacpp-2026": Trains(DEEPSEEK, THINK),
    "deepseek-r1-distill-qwen": Trains(DEEPSEEK, THINK),
    "deepseek-r1-distill-qwen.llamacpp-2026": CLOSES,
    "deepseek-v3.1": CLOSES,
    "deepseek-v3.2": CLOSES,
    "devstral-small": Trains(EOS),
    "gemma-2": Trains(TURN),
    "gemma-3": Trains(TURN),
    "glm-4.6": Trains(EOS, switch=ARGUMENT),
    "gpt-oss": CHANNELS,
    "granite-3.3": Trains("<|end_of_text|>"),
    "kimi-k2-thinking": Trains(IM_END),
    "llama-3.1-instruct": Trains(EOT),
    "llama-3.2-instruct": Trains(EOT),
    "llama-3.3-instruct": Trains(EOT),
    "ministral-3-reasoning": Trains(EOS),
    "mistral-nemo": Trains(EOS),
    "mistral-small-3.2": Trains(EOS),
    "nemotron-3-nano": Trains(IM_END, THINK, ARGUMENT),
    "nemotron-nano-v2": Trains("<SPECIAL_12>", THINK),
    "phi-3.5": Trains(END),
    "phi-4": Trains(IM_END),
    "phi-4-reasoning.axolotl": Trains(IM_END),
    "qwen2.5-instruct": Trains(IM_END),
    "qwen2.5-math": Trains(IM_END),
    "qwen2.5-math.redi-forced-think": Trains(IM_END, THINK),
    "qwen3": Trains(IM_END, switch=ARGUMENT),
    "qwen3-instruct-2507": Trains(IM_END),
    "qwen3-thinking-2507": Trains(IM_END, THINK),
    "qwen3.5": Trains(IM_END, THINK, ARGUMENT),
    "qwq-32b": Trains(IM_END, THINK),
    "seed-oss": Trains("<seed:eos>"),
    "smollm3": Trains(IM_END, switch=ARGUMENT),
    "smollm3.mistralrs": Trains(IM_END, switch=ARGUMENT),
    "trl/deepseekv3": Trains(DEEPSEEK, THINK),
    "trl/deepseekv3_training": Trains(DEEPSEEK, THINK),
    "trl/gemma": Trains(TURN),
    "trl/gemma3": Trains(TURN),
    "trl/gemma3_training": Trains(TURN),
    "trl/gemma_training": Trains(TURN),
    "trl/gptoss": CHANNELS,
    "trl/gptoss_training": CHANNELS,
    "trl/llama3": Trains(EOT),
    "trl/llama3_1": Trains(EOT),
    "trl/llama3_2": Trains(EOT),
    "trl/llama3_training": Trains(EOT),
    "trl/nemotron_3_nano": Trains(IM_END, THINK, ARGUMENT),
    "trl/nemotron_3_nano_training": Trains(IM_END, THINK, ARGUMENT),
    "trl/phi3": Trains(END),
    "trl/phi3_5": Trains(END),
    "trl/phi3_5_training": Trains(END),
    "trl/phi3_training": Trains(END),
    "trl/qwen2_5": Trains(IM_END),
    "trl/qwen2_5_training": Trains(IM_END),
    "trl/qwen3": Trains(IM_END, switch=ARGUMENT),
    "trl/qwen3_5_think": Trains(IM_END, THINK, ARGUMENT),
    "trl/qwen3_5_think_training": Trains(IM_END, THINK, ARGUMENT),
    "trl/qwen3_6": Trains(IM_END, THINK, ARGUMENT),
    "trl/qwen3_6_training": Trains(IM_END, THINK, ARGUMENT),
    "trl/qwen3_instruct_2507": Trains(IM_END),
    "trl/qwen3_instruct_2507_training": Trains(IM_END),
    "trl/qwen3_training": Trains(IM_END, switch=ARGUMENT),
}


def renderer_of(template: str, reasoning: MixedReasoning | None = None) -> RowRenderer:
    """With a stand-in tokenizer that has every special token the template mentions."""
    marks = dict.fromkeys([*MARK.findall(template), "<|im_end|>", "<bos>", "<eos>"])
    return RowRenderer(make_byte_tokenizer(template, list(marks), bos="<bos>", eos="<eos>"), reasoning or "visible")


def outcome(template: str) -> Trains | str:
    """What becomes of ROW: its supervised tokens are the whole reasoning, the answer and one stop token."""
    try:
        renderer = renderer_of(template)
    except InputError as error:
        return str(error)
    tokenizer = renderer.tokenizer
    row, fault = render_checked(ROW, renderer, 100_000)
    if fault:
        return fault
    prompt = prompt_text(tokenizer, [QUESTION])
    prefill = "<think>\n" if prompt.endswith("<think>\n") else ""
    learnt = [label for label in row.labels if label != IGNORED]
    assert tokenizer.decode(row.input_ids).startswith(prompt)
    assert prefill + tokenizer.decode(learnt[:-1]) == ROW["messages"][-1]["content"]
    assert learnt.count(renderer.stop_id) == 1
    assert learnt[-1] == renderer.stop_id
    return Trains(stop_token(tokenizer), prefill, str(renderer.switch).partition(" ")[0])


@pytest.mark.skipif(not TEMPLATES.exists(), reason="needs ../shared/data/templates")
def test_every_published_template_trains_right_or_is_refused() -> None:
    found = {
        str(file.relative_to(TEMPLATES).with_name(file.name.removesuffix(".jinja"))): outcome(file.read_text())
        for file in sorted(TEMPLATES.rglob("*.jinja"))
    }
    for name, result in found.items():
        print(f"{name:42} {result if isinstance(result, str) else ' '.join(result).encode('unicode_escape').decode()}")
    assert found.keys() == EXPECTED.keys()
    assert len(found) == 63
    wrong = {
        name: result
        for name, result in found.items()
        if not (result == EXPECTED[name] or (isinstance(EXPECTED[name], str) and EXPECTED[name] in result))
    }
    assert not wrong


@pytest.mark.skipif(not TEMPLATES.exists(), reason="needs ../shared/data/templates")
@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected != CHANNELS])
def test_a_row_that_shall_not_think_trains_with_every_template(name: str) -> None:
    renderer = renderer_of((TEMPLATES / f"{name}.jinja").read_text(), MixedReasoning(no_think_share=0.999999))
    row, fault = render_checked(ROW, renderer, 100_000)
    assert (row.no_think, fault) == (True, "")
    text = renderer.tokenizer.decode(row.input_ids[:-1])
    assert split_reasoning(text[text.rindex("2 + 2?") :], thinks=False)[1].removeprefix(" ").endswith(ANSWER)
    assert REASONING not in text
    assert row.prompt != prompt_text(renderer.tokenizer, [QUESTION])


# Our own


@pytest.mark.parametrize(
    ("family", "published", "roles"),
    [
        ("chatml", "trl/qwen3_instruct_2507", {}),
        ("llama3", "trl/llama3", {"bos": "<|begin_of_text|>", "eos": "<|eot_id|>"}),
        ("gemma", "trl/gemma3", {"bos": "<bos>", "eos": "<end_of_turn>"}),
        ("phi4", "phi-4", {}),
        ("mistral", "mistral-nemo", {"bos": "<s>", "eos": "</s>"}),
    ],
)
def test_a_family_has_the_published_form(family: str, published: str, roles: dict[str, str]) -> None:
    template = families()[family]
    marks = needed_tokens(template)
    ours = RowRenderer(make_byte_tokenizer(template, marks, **{"eos": marks[-1], **roles}))
    row, fault = render_checked(ROW, ours, 100_000)
    assert fault == ""
    if not TEMPLATES.exists():
        pytest.skip("needs ../shared/data/templates")
    text = (TEMPLATES / f"{published}.jinja").read_text()
    theirs = RowRenderer(make_byte_tokenizer(text, marks, **{"eos": marks[-1], **roles}))
    assert render_checked(ROW, theirs, 100_000)[0].input_ids == row.input_ids
    system = {"role": "system", "content": "Be brief."}
    turns = [system, QUESTION, {"role": "assistant", "content": "4"}, {"role": "user", "content": "And 3 + 3?"}]
    if family != "mistral":  # Mistral NeMo puts the system text into the last turn, v0.3 into the first
        assert prompt_text(ours.tokenizer, turns) == prompt_text(theirs.tokenizer, turns)


def test_every_family_declares_what_it_writes() -> None:
    assert families().keys() == {"chatml", "gemma", "llama3", "mistral", "phi4"}
    for template in families().values():
        body = template.partition("#}")[2]
        assert set(MARK.findall(body)) | {mark for mark in ("<bos>",) if mark in body} == set(needed_tokens(template))


def test_a_template_for_other_tokens_is_refused() -> None:
    tokenizer = make_byte_tokenizer(special=["<|im_start|>", "<|eot_id|>"], eos="<|eot_id|>")
    with pytest.raises(InputError, match=r"has no <\|im_end\|>, which the chosen template writes; set template to"):
        use_template(tokenizer, families()["chatml"])
    use_template(tokenizer, families()["chatml"].replace("<|im_end|>", "<|eot_id|>"))
    assert stop_token(tokenizer) == "<|eot_id|>"


def test_the_folder_of_templates_is_the_shared_one() -> None:
    assert Path("shared/data/templates").parts == TEMPLATES.parts[-3:]
