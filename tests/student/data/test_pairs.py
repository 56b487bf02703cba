"""Every shipped pair passes the preflight with its base's config, a stand-in tokenizer that has the special tokens of
the base's family, and the family's chat template; what a pair sets for its base is needed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trl
from conftest import ROOT
from student_makers import make_row, write_dataset
from tokenizer_makers import make_byte_tokenizer
from transformers import AutoConfig, GenerationConfig

from bench.pair_models import MODELS
from configs.load import load_config
from configs.models import Student
from configs.template import families
from configs.training import Training
from records.files import write_json
from records.preflight import Preflight
from student.data.preflight import run_preflight
from student.data.student_files import StudentOrigin

PAIRS = {file.stem: file for file in sorted((ROOT / "configs" / "pairs").glob("*.yaml"))}
TEMPLATES = Path(trl.__file__).parent / "chat_templates"
"""TRL's copies of published templates."""


class Family(NamedTuple):
    """A base's tokenizer as it is published, but for its vocabulary."""

    special: list[str]
    template: str | None
    """Its own template: a file of TRL's, or ours where TRL has none; None for a base without one."""
    chat: str
    """TRL's copy of the template of the family's chat model; empty where it has none."""
    stop: str
    pad: str
    eos: str
    bos: str | None = None
    own_pad: str | None = None
    plain: tuple[str, ...] = ()
    """Tokens that are not special."""
    unembedded: bool = False
    """The last special token is beyond the model's embeddings."""


IM = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|vision_pad|>"]
QWEN = Family(IM, "qwen2_5", "qwen2_5", "<|im_end|>", "<|endoftext|>", eos="<|endoftext|>", own_pad="<|endoftext|>")
QWEN3 = QWEN._replace(template="qwen3", chat="qwen3", plain=("<think>", "</think>"))
LLAMA = Family(
    [
        *("<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|finetune_right_pad_id|>"),
        *("<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"),
    ],
    template=None,
    chat="llama3_1",
    stop="<|eot_id|>",
    pad="<|finetune_right_pad_id|>",
    eos="<|end_of_text|>",
    bos="<|begin_of_text|>",
)
PHI4 = Family(
    ["<|endoftext|>", "<|dummy_0|>", "<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|dummy_85|>"],
    template="phi4",
    chat="",
    stop="<|im_end|>",
    pad="<|dummy_85|>",
    eos="<|im_end|>",
    bos="<|endoftext|>",
    own_pad="<|dummy_85|>",
)
GEMMA = Family(
    ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "<image_soft_token>"],
    template=None,
    chat="gemma3",
    stop="<end_of_turn>",
    pad="<pad>",
    eos="<eos>",
    bos="<bos>",
    own_pad="<pad>",
    unembedded=True,
)
FAMILIES = {"qwen2": QWEN, "qwen3": QWEN3, "llama": LLAMA}
FAMILIES |= {"phi3": PHI4, "gemma3_text": GEMMA}
"""By the model_type of a base's config."""


def template_of(name: str) -> str:
    return families()[name] if name in families() else (TEMPLATES / f"{name}.jinja").read_text()


def make_base(folder: Path, student: Student, family: Family) -> None:
    """Write all of the base's directory but its weights, with its sizes."""
    tokenizer = make_byte_tokenizer(
        family.template and template_of(family.template),
        family.special,
        family.plain,
        eos=family.eos,
        bos=family.bos,
        pad=family.own_pad,
    )
    tokenizer.save_pretrained(folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    write_json(folder / "tokenizer_config.json", {"unk_token": None} | settings)  # else Qwen2Tokenizer makes one of eos
    last = tokenizer.convert_tokens_to_ids(family.special[-1])
    plain = {name: size for name, size in MODELS[str(student.path)].items() if name != "model_type"}
    plain |= {"vocab_size": last} if family.unembedded else {}
    eos = tokenizer.convert_tokens_to_ids(family.eos)
    config = AutoConfig.for_model(MODELS[str(student.path)]["model_type"], eos_token_id=eos, **plain)
    config.save_pretrained(folder)
    GenerationConfig(eos_token_id=eos).save_pretrained(folder)


QUOTING = make_row("<think>\n<|im_end|> is 9.\n</think>\n\n\\boxed{9}", 1)


def flown(
    folder: Path, pair: str, *overrides: str, template: str = "", rows: Sequence[dict[str, Any]] = (make_row(), QUOTING)
) -> tuple[Preflight, Family]:
    """Run the preflight of a pair's student on a few rows. `template` replaces the student's."""
    config = load_config(PAIRS[pair], list(overrides))
    student = config.student
    family = FAMILIES[MODELS[str(student.path)]["model_type"]]
    make_base(folder / "base", student, family)
    data = write_dataset(folder / "data", list(rows))
    origin = StudentOrigin(str(folder / "base"), None, template or student.template, student.positions)
    training: Training = config.training[-1]
    return run_preflight([data], origin, student.reasoning, training, lambda done, total: None), family


@pytest.mark.parametrize("pair", PAIRS)
def test_a_shipped_pair_passes_the_preflight(pair: str, tmp_path: Path) -> None:
    found, family = flown(tmp_path, pair)
    assert (found.refusals, found.trained, found.dropped) == ([], 2, {})
    assert found.special_tokens is not None
    assert (found.special_tokens.stop, found.special_tokens.pad) == (family.stop, family.pad)
    assert found.special_tokens.ends == list(dict.fromkeys([family.stop, family.eos])), (
        "the base's own eos ends it, too"
    )
    assert found.cost is not None
    assert found.cost.memory_bytes < 80e9 - (1 << 30), "one 80 GB GPU, and the CUDA context"


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair != "r1-32b-phi4"])
def test_it_passes_with_the_published_template_of_its_family(pair: str, tmp_path: Path) -> None:
    family = FAMILIES[MODELS[str(load_config(PAIRS[pair]).student.path)]["model_type"]]
    found, _ = flown(tmp_path, pair, template=template_of(family.chat))
    assert (found.refusals, found.trained) == ([], 2)


@pytest.mark.parametrize(
    ("pair", "override", "refusal"),
    [
        ("r1-qwen-math-7b", "student.positions=null", "context of 4096 tokens"),
        ("r1-qwen-math-1.5b", "student.positions=null", "student.positions.max_position_embeddings"),
        ("r1-32b-phi4", "student.max_model_len=32768 training.max_length=16385", "context of 16384 tokens"),
        ("Llama-3.1-8b-r1", "training.lora={}", "adapters cannot teach this base to write <|eot_id|>"),
        ("qwq32b-qwen3-1.7b", "training.lora={}", "adapters cannot teach this base to write <|im_end|>"),
        ("qwen3-32b-qwen14b", "training.lora.modules_to_save=null", "adapters cannot teach this base"),
        ("qwq32b-gemma3-1b", "training.attn_implementation=torch_varlen", "layers that see 512 tokens only"),
    ],
)
def test_what_a_pair_sets_for_its_base_is_needed(pair: str, override: str, refusal: str, tmp_path: Path) -> None:
    found, _ = flown(tmp_path, pair, *override.split())
    assert len(found.refusals) == 1
    assert refusal in found.refusals[0]


def test_qwen3s_template_cuts_earlier_reasoning_so_such_rows_are_left_out(tmp_path: Path) -> None:
    asked, answered = make_row()["messages"]
    turns = [asked, answered, {"role": "user", "content": "And 1 + 1?"}]
    found, _ = flown(tmp_path, "qwq32b-qwen3-1.7b", rows=[make_row(at=1), make_row(turns=turns)])
    assert list(found.dropped) == ["prompt_incomplete"]


@pytest.mark.parametrize("pair", ["Llama-3.1-8b-r1", "Llama-3.2-3b-qwq32b", "qwq32b-gemma3-1b"])
def test_a_base_without_a_template_is_given_its_familys(pair: str) -> None:
    student = load_config(PAIRS[pair]).student
    name = {"llama": "llama3", "gemma3_text": "gemma"}[MODELS[str(student.path)]["model_type"]]
    assert student.template == families()[name]
