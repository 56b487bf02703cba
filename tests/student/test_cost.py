"""The estimate of a training stage's memory and arithmetic, against numbers worked out by hand and a traced step."""

from dataclasses import replace

import pytest

from records.errors import InputError
from student.cost.arithmetic import attended, flops_per_token, hours, mfu
from student.cost.memory import CUBLAS, estimate
from student.cost.optimizers import state_bytes, step_bytes
from student.cost.setup import Setup
from student.cost.shape import Shape, shape_of

QWEN = {
    "1.5b": Shape(1536, 28, 12, 2, 128, 8960, 151936, tied=True),
    "7b": Shape(3584, 28, 28, 4, 128, 18944, 152064, tied=False),
    "14b": Shape(5120, 48, 40, 8, 128, 13824, 152064, tied=False),
}
SMALL = Shape(hidden=64, layers=2, heads=4, kv_heads=2, head_dim=16, intermediate=128, vocab=1000, tied=False)
GIB = 1 << 30


def make_setup(**changes: object) -> Setup:
    return replace(Setup(shape=QWEN["7b"], tokens=8192, rank=32), **changes)  # type: ignore[arg-type]


def peak(**changes: object) -> int:
    return estimate(make_setup(**changes)).peak


def test_parameters_are_the_published_ones_but_for_biases() -> None:
    biases = 28 * (1536 + 2 * 256)
    assert QWEN["1.5b"].parameters + biases == 1_543_714_304
    assert QWEN["7b"].parameters + 28 * (3584 + 2 * 512) == 7_615_616_512


def test_sizes_that_a_config_may_leave_out() -> None:
    config = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    shape = shape_of(config | {"vocab_size": 1000, "head_dim": None})
    assert (shape.kv_heads, shape.head_dim, shape.tied) == (4, 16, False)
    with pytest.raises(KeyError, match="vocab_size"):
        shape_of(config)


def test_adapters_on_all_linear_maps() -> None:
    # q 64+64, k and v 64+32, o 64+64, gate and up 64+128, down 128+64: 1024 numbers for each rank and layer
    assert SMALL.adapter(1) == 2 * 1024
    assert SMALL.adapter(8) == 8 * SMALL.adapter(1)


def test_tokens_attend_to_themselves_and_what_comes_before() -> None:
    assert attended([1]) == 1
    assert attended([4]) == (1 + 2 + 3 + 4) / 4
    assert attended([4, 2]) == (1 + 2 + 3 + 4 + 1 + 2) / 6


def test_flops_of_a_token_by_hand() -> None:
    matrices = 2 * (64 * 64 * 2 + 64 * 32 * 2 + 64 * 128 * 3) + 1000 * 64
    attention = 3 * 2 * 2 * 2 * 64 * 10
    assert flops_per_token(SMALL, 10, "full") == 6 * matrices + attention
    assert flops_per_token(SMALL, 10, "lora", rank=4) == 4 * matrices + 6 * SMALL.adapter(4) + attention
    assert flops_per_token(SMALL, 10, "qlora", rank=4) == flops_per_token(SMALL, 10, "lora", rank=4)


def test_utilization_and_hours_undo_each_other() -> None:
    assert mfu(2e9, 1000, 1e13, processes=2) == 0.1
    assert hours(3.6e6, 2e9, 1e13, mfu=0.1, processes=1) == 2.0
    assert hours(3.6e6, 2e9, 1e13, mfu=0.1, processes=4) == 0.5


def test_optimizer_states() -> None:
    assert state_bytes("adamw_torch_fused", 100, 10, width=2) == 2 * 2 * 110
    assert state_bytes("adamw_torch", 100, 10, width=4) == 2 * 4 * 110
    assert state_bytes("adamw_bnb_8bit", 25600, 100, width=2) == 2 * (25600 + 4 * 100) + 2 * 4 * 100
    assert state_bytes("paged_adamw_8bit", 100, 10, width=2) == 0
    assert (step_bytes("adamw_torch", 100, 2), step_bytes("adamw_torch_fused", 100, 2)) == (200, 0)
    with pytest.raises(InputError, match="optim=galore"):
        state_bytes("galore", 100, 10, width=2)


# Model, method, tokens, GiB of the tensors that live at the peak of a step traced on fake tensors (bench.gpu.traced).
TRACED = [
    ("1.5b", "full", 8192, 12.554),
    ("1.5b", "full", 32768, 16.073),
    ("7b", "full", 8192, 57.829),
    ("7b", "full", 32768, 65.063),
    ("7b", "lora", 32768, 33.127),
    ("14b", "lora", 8192, 35.649),
    ("14b", "lora", 32768, 55.434),
]


@pytest.mark.parametrize(("model", "method", "tokens", "gib"), TRACED)
def test_the_peak_is_that_of_a_traced_step(model: str, method: str, tokens: int, gib: float) -> None:
    memory = estimate(make_setup(shape=QWEN[model], method=method, tokens=tokens))
    assert (memory.peak - CUBLAS) / GIB == pytest.approx(gib, rel=0.01)


def test_the_peak_moves_with_what_is_kept_and_what_is_trained() -> None:
    assert estimate(make_setup(tokens=1)).moment == "step" or estimate(make_setup(tokens=1)).moment == "embedding"
    assert estimate(make_setup()).moment == "first_layer"
    assert estimate(make_setup(method="lora")).moment == "last_layer"
    assert estimate(make_setup(head="logits", tokens=32768)).moment == "output_layer"


@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
@pytest.mark.parametrize("tokens", [4095, 4096, 4097, 32767])
def test_a_token_more_never_takes_less(method: str, tokens: int) -> None:
    one, two = (estimate(make_setup(method=method, tokens=tokens + more)) for more in (0, 1))
    assert two.peak >= one.peak
    assert two.activations > one.activations
    assert two.head > one.head


def test_the_tile_of_logits_stops_growing() -> None:
    below, at, above = (estimate(make_setup(tokens=tokens)).head for tokens in (4095, 4096, 4097))
    assert at - below > above - at > 0
    assert at - below == (above - at) + 32768 * 2


def test_methods_and_settings_in_their_order() -> None:
    assert peak(method="full") > peak(method="lora") > peak(method="qlora")
    assert peak(gradient_checkpointing=False) > peak()
    assert peak(dtype="float32") > peak()
    assert peak(optimizer="adamw_torch_fused") > peak(optimizer="adamw_8bit") > peak(optimizer="paged_adamw_8bit")
    assert peak(method="lora", modules_to_save=("lm_head",)) > peak(method="lora")
    assert peak(attention="sdpa", packed=True) > peak(attention="sdpa") == peak(attention="flash_attention_2")
    assert peak(attention="eager") > peak(attention="sdpa", packed=True)


def test_masks_grow_with_the_square_of_a_row() -> None:
    masks = [peak(tokens=n, packed=True, method="lora") - peak(tokens=n, method="lora") for n in (16384, 32768)]
    heads = [2 * 2 * n * (3584 - 512) for n in (16384, 32768)]  # keys and values repeated for all heads
    assert [mask - head for mask, head in zip(masks, heads, strict=True)] == [3 * n * n for n in (16384, 32768)]
    whole, halves = (peak(tokens=32768, sequences=n, packed=True, method="lora") for n in (1, 2))
    assert whole - halves == 3 * (32768**2 - 2 * 16384**2)


def test_shares_of_a_sharded_training() -> None:
    for sharding in ("fsdp2", "zero3", "ddp"):
        assert peak(sharding=sharding, processes=1) == peak()
    assert peak(sharding="ddp", processes=2) == peak() + estimate(make_setup()).gradients
    shares = [peak(sharding="fsdp2", processes=n) for n in (2, 4, 8)]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("processes", [2, 3, 8])
@pytest.mark.parametrize(
    ("sharding", "autocast", "widths"),
    [
        ("fsdp2", True, (4, 4, 8)),  # float32 weights, gradients, two states
        ("fsdp2", False, (2, 2, 4)),
        ("zero3", True, (2, 2, 12)),  # and the optimizer's float32 copy
        ("zero3", False, (2, 2, 4)),
    ],
)
def test_what_is_divided_and_what_is_not(
    sharding: str, autocast: bool, widths: tuple[int, int, int], processes: int
) -> None:
    whole = estimate(make_setup(autocast=autocast))
    part = estimate(make_setup(sharding=sharding, processes=processes, autocast=autocast))
    parameters = QWEN["7b"].parameters
    layers = 2 * 2 * QWEN["7b"].layer_linear + 2 * 2 * QWEN["7b"].embedding  # gathered in 16 bit
    weights, gradients, optimizer = widths
    assert part.weights == weights * parameters // processes + layers
    assert part.gradients == gradients * parameters // processes
    assert part.optimizer == optimizer * parameters // processes
    assert part.activations == whole.activations, "each process has rows of its own"


def test_adapters_are_sharded_with_a_base_in_its_own_type() -> None:
    whole, part = (estimate(make_setup(method="lora", sharding="fsdp2", processes=n)) for n in (1, 4))
    assert part.gradients == whole.gradients // 4
    assert part.optimizer == whole.optimizer // 4
    base = 2 * QWEN["7b"].parameters + 4 * QWEN["7b"].adapter(32)
    assert (whole.weights, part.weights) == (base, base // 4 + 2 * 2 * (QWEN["7b"].layer_linear + QWEN["7b"].embedding))
