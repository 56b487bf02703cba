"""Whatever loads a model with capped attention scores in transformers computes them capped, as vLLM does."""

from pathlib import Path

import pytest
import torch
from tokenizer_makers import make_byte_tokenizer
from transformers import AutoModelForCausalLM, Gemma2Config, Gemma2ForCausalLM

from configs.models import Model
from eval.transformers_sampler import TransformersSampler
from filters.scorers.loading import load_model
from student.data.teacher_files import TeacherOrigin
from student.export.quantized import load
from student.methods.teacher import load_teacher

IDS = torch.arange(3, 23)[None]


@pytest.fixture(scope="module")
def capped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gemma2")
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "initializer_range": 0.5}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16}
    config = Gemma2Config(**sizes, **heads, vocab_size=300, attn_logit_softcapping=0.5)
    Gemma2ForCausalLM(config).save_pretrained(folder)
    make_byte_tokenizer(pad="<|endoftext|>").save_pretrained(folder)
    return folder


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(IDS, use_cache=False).logits
    return found


def test_teachers_scorers_exports_and_the_cross_check_cap_attention_scores(capped: Path) -> None:
    own = logits(AutoModelForCausalLM.from_pretrained(capped, attn_implementation="eager").eval())
    plain = logits(AutoModelForCausalLM.from_pretrained(capped).eval())
    assert (own - plain).abs().max() > 1e-2, "transformers' own choice leaves the cap out"
    entry = Model(name="gemma", path=str(capped), dtype="float32", max_model_len=64)
    for model in (
        load_teacher(TeacherOrigin(str(capped), dtype="float32"), cpu=True),
        load_model(AutoModelForCausalLM, capped, "float32"),
        load(capped, torch.float32),
        TransformersSampler(entry, str(capped), 1).model,
    ):
        assert torch.equal(logits(model), own)
