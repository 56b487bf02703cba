"""What made others train a broken student (docs of the pitfalls: open-r1, trl, Qwen3, peft) is planted and refused."""

from pathlib import Path
from typing import Any

import pytest
from student_makers import ANSWERED, make_row, make_student, make_training, write_dataset
from tokenizer_makers import CHATML, STRIPS_AND_PREFILLS, make_byte_tokenizer
from transformers import (
    Gemma2Config,
    GenerationConfig,
    GPT2Config,
    Llama4TextConfig,
    MptConfig,
    Phi3Config,
    PreTrainedConfig,
    Qwen3_5Config,
    Qwen3Config,
)

from configs.template import families
from records.errors import InputError
from records.preflight import Preflight
from student.data.preflight import notes_on, run_preflight
from student.data.special_tokens import align_special_tokens
from student.data.student_files import Configs
from student.data.token_checks import disagreements, refusals_of

STOP, BASE = "<|im_end|>", "<|endoftext|>"
LORA: dict[str, Any] = {}
SAVING = {"modules_to_save": ["embed_tokens", "lm_head"]}


def flown(tmp_path: Path, tokenizer: Any = None, rows: Any = None, training: Any = None, **student: Any) -> Preflight:
    data = write_dataset(tmp_path / "data", rows or [make_row()])
    origin = make_student(tmp_path / "student", tokenizer, **student)
    return run_preflight([data], origin, "visible", training or make_training(), lambda done, total: None)


# Rows


def test_a_template_that_strips_reasoning_trains_it_whole(tmp_path: Path) -> None:
    """R1-distill's; `apply_chat_template` over the whole conversation would train the answer alone."""
    tokenizer = make_byte_tokenizer(STRIPS_AND_PREFILLS)
    turns = make_row()["messages"]
    assert "12 + 34 = 46" not in tokenizer.apply_chat_template(turns, tokenize=False)
    found = flown(tmp_path, tokenizer)
    assert (found.refusals, found.trained) == ([], 1)
    assert found.supervised_tokens > len("12 + 34 = 46\\boxed{46}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<think>\n12 + 34 = 46", "no_answer"),  # an unclosed reasoning
        (ANSWERED.removesuffix("\\boxed{46}"), "no_answer"),
        ("<think>" + ANSWERED, "bad_format"),  # a doubled tag
        (ANSWERED.removeprefix("<think>"), "bad_format"),
        (ANSWERED + "</think>", "bad_format"),
        ("<think>\n" + "1 + " * 100 + "\n</think>\n\n4", "too_long"),  # never cut (open-r1#530, trl#4632)
    ],
)
def test_a_row_that_is_not_whole_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    found = flown(tmp_path, rows=[make_row(content)])
    assert list(found.dropped) == [reason]
    assert reason in found.refusals[0]


def test_a_stop_token_inside_a_text_is_refused(tmp_path: Path) -> None:
    found = flown(
        tmp_path,
        make_byte_tokenizer(special=["<|im_start|>", BASE], plain=[STOP, "<think>", "</think>"], eos=BASE),
        [make_row(ANSWERED.replace("12", STOP))],
    )
    assert "1 special_token (first: problem_id p0, sample_index 0)" in found.refusals[0]


def test_a_template_that_closes_the_reasoning_is_refused(tmp_path: Path) -> None:
    closing = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n\n</think>\n\n{% endif %}")
    assert "does not close the reasoning itself" in flown(tmp_path, make_byte_tokenizer(closing)).refusals[0]


def test_a_template_that_loses_the_question_is_refused(tmp_path: Path) -> None:
    system = [{"role": "system", "content": "Answer in French."}, {"role": "user", "content": "12 + 34?"}]
    losing = "{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}" + CHATML
    found = flown(tmp_path, make_byte_tokenizer(losing), [make_row(turns=system)])
    assert "1 prompt_incomplete" in found.refusals[0]


# Tokens


def configs(eos: Any, **more: Any) -> Configs:
    shape = {"vocab_size": 300, "max_position_embeddings": 1000, **more}
    return Configs(Qwen3Config(**shape), GenerationConfig(eos_token_id=eos))


@pytest.mark.parametrize("wrong", ["eos", "pad is eos", "pad is bos", "no pad", "generation eos", "generation pad"])
def test_eos_pad_and_generation_config_must_agree(wrong: str) -> None:
    tokenizer = make_byte_tokenizer(eos=BASE, bos="<|im_start|>")
    model = configs(tokenizer.eos_token_id)
    assert len(disagreements(tokenizer, model)) >= 3, "as a base comes"
    align_special_tokens(model, tokenizer)
    assert disagreements(tokenizer, model) == []
    if wrong == "eos":
        tokenizer.eos_token = BASE
    elif wrong == "pad is eos":
        tokenizer.pad_token = STOP
    elif wrong == "pad is bos":
        tokenizer.pad_token = "<|im_start|>"
    elif wrong == "no pad":
        tokenizer.pad_token = None
    elif wrong == "generation eos":
        model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(BASE)
    else:
        model.generation_config.pad_token_id = 5
    assert disagreements(tokenizer, model)


def test_a_model_that_also_sees_has_its_tokens_in_its_text_config() -> None:
    tokenizer = make_byte_tokenizer(pad="<|endoftext|>")
    stop = tokenizer.eos_token_id
    both = Configs(Qwen3_5Config(text_config={"vocab_size": 300, "eos_token_id": stop}), GenerationConfig())
    adapters = make_training(lora={"r": 4}, settings={"packing": False})
    assert refusals_of(tokenizer, both, adapters) == []
    align_special_tokens(both, tokenizer)
    assert disagreements(tokenizer, both) == []
    assert both.config.get_text_config().pad_token_id == tokenizer.pad_token_id, "a head reads the last that is not it"


def test_without_a_token_to_pad_with_nothing_is_trained(tmp_path: Path) -> None:
    found = flown(tmp_path, make_byte_tokenizer(special=["<|im_start|>", STOP]))
    assert "no token to pad with" in found.refusals[0]
    assert found.special_tokens is None


@pytest.mark.parametrize(
    ("eos_of_tokenizer", "eos_of_model", "lora", "refused"),
    [
        (BASE, None, LORA, True),  # a base: QwenLM/Qwen3#1064
        (BASE, 256, LORA, True),
        (BASE, 256, SAVING, False),
        (BASE, 256, {"modules_to_save": ["lm_head"]}, True),
        (BASE, 256, None, False),  # every row of the embeddings is trained
        (STOP, 256, LORA, False),  # a chat model says so in its tokenizer
        (BASE, [258, 256], LORA, False),  # or in its generation config
        (BASE, 258, LORA, False),
    ],
)
def test_adapters_on_a_base_that_never_stopped(
    eos_of_tokenizer: str, eos_of_model: Any, lora: dict[str, Any] | None, refused: bool
) -> None:
    tokenizer = make_byte_tokenizer(eos=eos_of_tokenizer)
    assert tokenizer.convert_tokens_to_ids([BASE, STOP]) == [256, 258]
    found = refusals_of(tokenizer, configs(eos_of_model), make_training(lora))
    assert bool(found) is refused
    assert all("modules_to_save=[embed_tokens, lm_head]" in refusal for refusal in found)


def test_a_base_with_a_given_template_is_a_base(tmp_path: Path) -> None:
    tokenizer = make_byte_tokenizer(eos=BASE)
    tokenizer.chat_template = None
    found = flown(tmp_path, tokenizer, training=make_training(LORA), template=families()["chatml"])
    assert found.refusals[0].startswith("adapters cannot teach this base")
    with pytest.raises(InputError, match="set template beside its path, such as chatml"):
        flown(tmp_path / "without", tokenizer)


@pytest.mark.parametrize(("rows", "refused"), [(260, True), (261, False), (262, False)])
def test_a_tokenizer_beyond_the_embeddings_is_refused(rows: int, refused: bool) -> None:
    tokenizer = make_byte_tokenizer()
    assert max(tokenizer.get_vocab().values()) == 260
    assert bool(refusals_of(tokenizer, configs(None, vocab_size=rows), make_training())) is refused


def test_a_special_token_beyond_the_embeddings_may_be_one_that_no_turn_needs(tmp_path: Path) -> None:
    """Gemma 3 1B has the tokenizer of those that see images: its last token has no embedding."""
    image = "<image_soft_token>"
    tokenizer = make_byte_tokenizer(special=["<|endoftext|>", "<|im_start|>", STOP, image], plain=[])
    rows = tokenizer.convert_tokens_to_ids(image)
    asking = make_row(at=1, turns=[{"role": "user", "content": f"What is {image}?"}])
    found = flown(tmp_path, tokenizer, [make_row(), asking], make_training(drop_at_most=0.5), vocab_size=rows)
    assert (found.refusals, found.trained, list(found.dropped)) == ([], 1, ["special_token"])
    one_more = make_byte_tokenizer(special=["<|endoftext|>", "<|im_start|>", image, STOP], plain=[])
    assert "the tokenizer has token" in refusals_of(one_more, configs(None, vocab_size=rows), make_training())[0]


def test_an_attention_is_refused_where_the_model_s_is_another() -> None:
    varlen, sdpa = (make_training(attn_implementation=name) for name in ("torch_varlen", "sdpa"))
    whole = configs(None)
    for window, refused in ((399, True), (400, False)):
        sliding = configs(None, use_sliding_window=True, sliding_window=window, max_window_layers=0)
        assert bool(refusals_of(make_byte_tokenizer(), sliding, varlen)) is refused
        assert refusals_of(make_byte_tokenizer(), sliding, sdpa) == []
    assert refusals_of(make_byte_tokenizer(), whole, varlen) == []
    chunked = Configs(Llama4TextConfig(vocab_size=300, attention_chunk_size=399), whole.generation_config)
    assert "layers that see 399 tokens only" in refusals_of(make_byte_tokenizer(), chunked, varlen)[0]
    assert refusals_of(make_byte_tokenizer(), chunked, sdpa) == []
    capped = Configs(Gemma2Config(vocab_size=300, sliding_window=None), whole.generation_config)
    for training in (varlen, sdpa):
        assert "capped attention scores" in refusals_of(make_byte_tokenizer(), capped, training)[0]
    assert refusals_of(make_byte_tokenizer(), capped, make_training(attn_implementation="eager")) == []


@pytest.mark.parametrize(("factors", "told"), [((1.0, 4.0), True), ((4.0, 4.0), False)])
def test_rotary_factors_that_vllm_chooses_otherwise_are_told(factors: tuple[float, float], told: bool) -> None:
    """Phi-4-mini's: one set for short rows, one for long ones."""
    short, long = ([factor] * 16 for factor in factors)
    rope = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": short, "long_factor": long}
    sizes: dict[str, Any] = {"hidden_size": 64, "num_attention_heads": 2, "vocab_size": 300, "pad_token_id": None}
    config = Phi3Config(
        **sizes, max_position_embeddings=400, original_max_position_embeddings=100, rope_parameters=rope
    )
    found = notes_on(make_byte_tokenizer(), config)
    assert ["up to 100 tokens are trained with the model's short_factor" in note for note in found] == [True] * told


@pytest.mark.parametrize(("positions", "refused"), [(399, True), (400, False), (401, False)])
def test_rows_beyond_the_context_are_refused(positions: int, refused: bool) -> None:
    model = configs(None, max_position_embeddings=positions)
    found = refusals_of(make_byte_tokenizer(), model, make_training(max_length=400))
    assert bool(found) is refused
    assert all(f"lower it to {positions}" in refusal for refusal in found)


@pytest.mark.parametrize("config", [GPT2Config(n_positions=399), MptConfig(max_seq_len=399)])
def test_a_context_has_other_names(config: PreTrainedConfig) -> None:
    assert Configs(config, GenerationConfig()).context == 399


@pytest.mark.parametrize(
    ("rope", "context"),
    [
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 100}, 400),
        ({"rope_type": "linear", "factor": 2.0}, 200),
        ({"rope_type": "default"}, 100),
    ],
)
def test_stretched_positions_count(rope: dict[str, Any], context: int) -> None:
    rope = {"rope_theta": 10000.0, **rope}
    assert configs(None, max_position_embeddings=100, rope_parameters=rope).context == context


def test_a_turn_that_ends_in_no_token_is_refused() -> None:
    tokenizer = make_byte_tokenizer(CHATML.replace(STOP, "<|end_of_turn|>"))
    (found,) = refusals_of(tokenizer, configs(None), make_training())
    assert found.startswith("the chat template ends a turn with '<|end_of_turn|>', which is no token")
