"""GGUF files of every supported architecture, read back by transformers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from export_makers import LLAMA3_ROPE, ask, make_student
from gguf import GGMLQuantizationType, GGUFReader
from transformers import AutoConfig, AutoTokenizer
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from student.export.gguf import convert, load_gguf
from student.export.gguf_layout import head_dim, permuted, rope_factors, type_of
from student.export.quantized import load
from student.export.reference import compare, likeliest

F16, F32, Q8, Q4 = (GGMLQuantizationType[name] for name in ("F16", "F32", "Q8_0", "Q4_0"))
STUDENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen2, tied": ("qwen2", {"tie_word_embeddings": True}),
    "qwen3, head apart": ("qwen3", {"tie_word_embeddings": False}),
    "llama 3": (
        "llama",
        {"rope_parameters": LLAMA3_ROPE, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16},
    ),
    "llama with biases": ("llama", {"attention_bias": True}),
}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("students")
    return {name: make_student(root / name, kind, **settings) for name, (kind, settings) in STUDENTS.items()}


def field(reader: GGUFReader, key: str) -> Any:
    return reader.fields[key].contents()


@pytest.mark.parametrize("name", STUDENTS)
def test_f16_is_the_same_model(students: dict[str, Path], name: str, tmp_path: Path) -> None:
    file, trained = tmp_path / "model.gguf", students[name]
    settings = convert(trained, file, "gguf_f16", torch.float32, "made")
    assert settings == {"method": "GGUF F16", "norms and biases": "float32"}
    ours, theirs = load_gguf(file, trained, torch.float32), load(trained, torch.float32)
    ids = torch.tensor([ask(trained).prompts[0] * 3])
    with torch.inference_mode():
        apart = (ours(input_ids=ids).logits - theirs(input_ids=ids).logits).abs().max()
        spread = theirs(input_ids=ids).logits.std()
    assert apart < 0.02 * spread
    told = compare(ours, ask(trained))
    assert (told.agreement, told.identical, told.stopped) == (1.0, 4, 4)


@pytest.mark.parametrize("name", STUDENTS)
def test_the_metadata_holds_the_shape_and_the_tokenizer(students: dict[str, Path], name: str, tmp_path: Path) -> None:
    file, trained = tmp_path / "model.gguf", students[name]
    convert(trained, file, "gguf_q8_0", torch.float32, "made")
    config, tokenizer = AutoConfig.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)
    reader, kind = GGUFReader(file), config.model_type
    assert field(reader, "general.architecture") == kind
    assert field(reader, f"{kind}.rope.freq_base") == config.rope_parameters["rope_theta"]
    assert field(reader, f"{kind}.attention.key_length") == head_dim(config)
    assert field(reader, f"{kind}.rope.dimension_count") == head_dim(config)
    assert field(reader, f"{kind}.attention.head_count_kv") == config.num_key_value_heads
    assert field(reader, f"{kind}.context_length") == 512
    assert field(reader, "tokenizer.ggml.pre") == {"qwen2": "qwen2", "qwen3": "refact", "llama": "llama-bpe"}[kind]
    assert field(reader, "tokenizer.ggml.eos_token_id") == tokenizer.eos_token_id
    assert field(reader, "tokenizer.ggml.padding_token_id") == tokenizer.pad_token_id
    assert field(reader, "tokenizer.ggml.add_bos_token") is False
    assert field(reader, "tokenizer.chat_template") == tokenizer.chat_template
    tokens, types = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.token_type")
    assert len(tokens) == len(types) == config.vocab_size == 340
    assert all(tokens[index] == token for token, index in tokenizer.get_vocab().items())
    assert types[tokenizer.eos_token_id] == 3
    assert types[tokenizer.convert_tokens_to_ids("<think>")] == 4
    assert types[339] == 5, "a row without a token"
    names = {tensor.name for tensor in reader.tensors}
    assert ("output.weight" in names) is not config.tie_word_embeddings
    again = AutoTokenizer.from_pretrained(tmp_path, gguf_file=file.name)
    text = "Isn't it 1234  or\tnot? <think>\n12 + 34 = 46\n</think>"
    assert again(text)["input_ids"] == tokenizer(text)["input_ids"]


@pytest.mark.parametrize(("kind", "least"), [("gguf_q8_0", 0.99), ("gguf_q4_0", 0.9)])
def test_quantized_files_answer_much_as_the_student_does(
    students: dict[str, Path], kind: str, least: float, tmp_path: Path
) -> None:
    trained = students["llama 3"]
    convert(trained, tmp_path / "model.gguf", kind, torch.float32, "made")
    assert least <= compare(load_gguf(tmp_path / "model.gguf", trained, torch.float32), ask(trained)).agreement
    types = {tensor.name: tensor.tensor_type for tensor in GGUFReader(tmp_path / "model.gguf").tensors}
    assert types["blk.1.ffn_down.weight"] == {"gguf_q8_0": Q8, "gguf_q4_0": Q4}[kind]
    assert types["token_embd.weight"] == types["output.weight"] == Q8
    assert types["blk.0.attn_norm.weight"] == types["rope_freqs.weight"] == F32


def test_llamas_unpermuted_rows_would_be_another_model(students: dict[str, Path], tmp_path: Path) -> None:
    """The mutation that the comparison must notice."""
    trained, reference = students["llama 3"], ask(students["llama 3"])
    convert(trained, tmp_path / "model.gguf", "gguf_f16", torch.float32, "made")
    broken = load_gguf(tmp_path / "model.gguf", trained, torch.float32)
    for layer in broken.model.layers:
        rows = layer.self_attn.q_proj.weight.data.numpy()
        layer.self_attn.q_proj.weight.data = torch.from_numpy(permuted(rows, 4).copy())
    assert compare(broken, reference).agreement < 0.9


def test_permuted_interleaves_the_halves_of_each_head() -> None:
    rows = np.arange(8)
    assert permuted(rows, 2).tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert permuted(rows.reshape(8, 1), 1)[:, 0].tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


def test_llama_3s_factors_are_those_of_transformers(students: dict[str, Path]) -> None:
    config = AutoConfig.from_pretrained(students["llama 3"])
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    plain = 1 / 500000.0 ** (np.arange(0, 16, 2) / 16)
    factors = rope_factors(config.rope_parameters, 16)
    assert factors is not None
    np.testing.assert_allclose(plain / factors, scaled.numpy(), rtol=1e-6)
    assert len({1.0, 8.0} & set(factors.tolist())) == 2, "both ends occur"
    assert any(1 < factor < 8 for factor in factors), "and the part between them"


@pytest.mark.parametrize(
    ("name", "shape", "wanted", "expected"),
    [
        ("blk.0.ffn_up.weight", (8, 64), Q8, Q8),
        ("blk.0.ffn_up.weight", (8, 64), Q4, Q4),
        ("blk.0.ffn_up.weight", (8, 63), Q4, F16),
        ("blk.0.ffn_up.weight", (8, 65), Q8, F16),
        ("blk.0.ffn_up.weight", (64, 8), Q8, F16),  # the length of a row counts, not their number
        ("token_embd.weight", (8, 64), Q4, Q8),
        ("token_embd.weight", (8, 64), F16, F16),
        ("blk.0.attn_norm.weight", (64,), Q4, F32),
        ("blk.0.attn_q.bias", (64,), F16, F32),
    ],
)
def test_types(name: str, shape: tuple[int, ...], wanted: Any, expected: Any) -> None:
    assert type_of(name, shape, wanted) == expected


def test_rows_that_are_no_whole_blocks_stay_in_16_bit_and_are_counted(tmp_path: Path) -> None:
    trained = make_student(tmp_path / "odd", intermediate_size=100)
    settings = convert(trained, tmp_path / "odd.gguf", "gguf_q4_0", torch.float32, "odd")
    assert settings["rows that do not divide by 32"] == "float16 (2 tensors)"
    assert likeliest(load_gguf(tmp_path / "odd.gguf", trained, torch.float32), [1, 5], [7])
