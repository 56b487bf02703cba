"""Packed attention by torch's flash kernel against sdpa's dense mask."""

from pathlib import Path

import pytest
import torch
from training_makers import make_training
from transformers import AutoModelForCausalLM, Qwen2Config

from records.errors import InputError
from student import attention
from student.data.student_files import StudentOrigin
from student.methods.adapters import load_base
from student.methods.settings import TORCH_VARLEN, check_packing

LENGTHS = [96, 17, 64, 79]


def make_model(implementation: str, device: str) -> torch.nn.Module:
    sizes = {"hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "vocab_size": 64}
    config = Qwen2Config(**sizes, num_attention_heads=4, num_key_value_heads=2, use_cache=False)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16, attn_implementation=implementation)
    return model.to(device)


def packed(device: str) -> dict[str, torch.Tensor | int]:
    ids = torch.randint(0, 64, (1, sum(LENGTHS)), generator=torch.Generator().manual_seed(1))
    positions = torch.cat([torch.arange(length) for length in LENGTHS])[None]
    boundaries = torch.tensor([0, *torch.tensor(LENGTHS).cumsum(0).tolist()], dtype=torch.int32)
    row = {"input_ids": ids, "labels": ids, "position_ids": positions, "cu_seq_lens_q": boundaries}
    return {name: tensor.to(device) for name, tensor in row.items()} | {"max_length_q": max(LENGTHS)}


def test_the_name_is_known_to_transformers_once_registered() -> None:
    attention.register()
    assert attention.NAME == TORCH_VARLEN
    assert make_model(attention.NAME, "cpu").config._attn_implementation == "torch_varlen"


def test_it_needs_packed_rows_and_a_gpu(tiny_model: Path) -> None:
    check_packing(make_training({"packing": True}, attn_implementation=TORCH_VARLEN), "training")
    for settings, more in (({"packing": False}, {}), ({"packing": True, "eval_packing": False}, {"held_out": 1})):
        with pytest.raises(InputError, match=r"training.attn_implementation: torch_varlen needs packed rows"):
            check_packing(make_training(settings, attn_implementation=TORCH_VARLEN, **more), "training")
    with pytest.raises(InputError, match="runs on a CUDA device only; set it to sdpa"):
        load_base(make_training(attn_implementation=TORCH_VARLEN), StudentOrigin(str(tiny_model)), cpu=True)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_packed_rows_give_the_loss_and_gradients_of_a_dense_mask() -> None:
    attention.register()
    seen = {}
    for name in ("sdpa", attention.NAME):
        model = make_model(name, "cuda").train()
        loss = model(**packed("cuda")).loss
        loss.backward()
        seen[name] = (loss.item(), torch.cat([p.grad.float().flatten() for p in model.parameters()]))
    assert seen["sdpa"][0] == pytest.approx(seen[attention.NAME][0], rel=2e-3)
    ours, theirs = seen[attention.NAME][1], seen["sdpa"][1]
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=0) > 0.999
    assert (ours - theirs).norm() < 0.03 * theirs.norm()
