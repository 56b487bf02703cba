"""The peak of a training step's live tensors, traced on fake tensors: no memory is taken, no GPU is needed.

    python -m bench.gpu.traced 7b lora 32768 [--largest 20]

A model of full size runs one forward and backward pass through TRL's output layer with gradient checkpointing, and
every tensor that an operator returns counts until it is freed. What kernels take inside is not seen, nor the
allocator's rounding beyond 512 bytes; attention is a kernel that keeps its inputs, output and log-sums, as flash
attention does. student/cost's terms were read off this.
"""

import argparse
import weakref
from collections import Counter
from typing import Any

import torch
import trl.kernels.chunked_logprob
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import AttentionInterface, AutoModelForCausalLM
from trl.trainer.utils import add_fused_lm_head

from bench.gpu.cases import SHAPES, Case
from bench.gpu.models import make_adapter, make_config

GIB = 1 << 30


class LiveTensors(TorchDispatchMode):
    """Counts the bytes of live storages, and remembers what was live at the peak."""

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self.seen: dict[int, tuple[Any, tuple[int, str]]] = {}
        self.largest: Counter[tuple[int, str]] = Counter()

    def add(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, -(-storage.nbytes() // 512) * 512
        if key in self.seen:
            return
        reference = weakref.ref(storage, lambda _: self.drop(key, size))
        self.seen[key] = (reference, (size, f"{tuple(tensor.shape)} {tensor.dtype}"))
        self.live += size
        if self.live > self.peak:
            self.peak = self.live
            self.largest = Counter(kind for _, kind in self.seen.values())

    def drop(self, key: int, size: int) -> None:
        self.live -= size
        del self.seen[key]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self.add(tensor)
        return result


class FlashShaped(torch.autograd.Function):
    """Tensors of the shapes that flash attention makes and keeps. Queries are (1, tokens, heads, head_dim)."""

    @staticmethod
    def forward(ctx: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        output = torch.empty_like(query)
        ctx.save_for_backward(query, key, value, output, query.new_empty(query.shape[:-1], dtype=torch.float32))
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, ...]:
        query, key, value, *_ = ctx.saved_tensors
        expanded = [torch.empty_like(query), torch.empty_like(query)]  # gradients of keys and values for all heads
        del expanded
        return torch.empty_like(query), torch.empty_like(key), torch.empty_like(value)


def attend(module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any, **__: Any) -> Any:
    return FlashShaped.apply(*(states.transpose(1, 2) for states in (query, key, value))), None


def trace(case: Case) -> LiveTensors:
    """Run one step of the case on fake tensors, with AdamW's states in the trained weights' dtype, and all labels."""
    AttentionInterface.register("traced", attend)
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(
            make_config(case.model), dtype=torch.bfloat16, attn_implementation="traced"
        )
    base = model.train()
    if adapter := make_adapter(case):
        from peft import get_peft_model

        model = get_peft_model(base, adapter)
        model.enable_input_require_grads()
    add_fused_lm_head(base, outputs=("log_probs", "entropy", "is_top1"))
    model.gradient_checkpointing_enable()
    live = LiveTensors()
    with FakeTensorMode(allow_non_fake_inputs=True):
        materialize(model)
        base.tie_weights()
        with live:
            for parameter in model.parameters():
                live.add(parameter)
            trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
            states = [(torch.empty_like(weight), torch.empty_like(weight)) for weight in trained]
            row = dict.fromkeys(("input_ids", "labels", "position_ids"), torch.zeros(1, case.tokens, dtype=torch.long))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = model(**row, use_cache=False, fused_lm_head=True).loss
            loss.backward()
            del states
    return live


def materialize(model: torch.nn.Module) -> None:
    """Replace meta parameters and buffers by fake ones on the CPU, where autocast applies."""
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            fake = torch.empty(parameter.shape, dtype=parameter.dtype)
            setattr(module, name, torch.nn.Parameter(fake, requires_grad=parameter.requires_grad))
        for name, buffer in list(module.named_buffers(recurse=False)):
            setattr(module, name, torch.empty(buffer.shape, dtype=buffer.dtype))


def skip(*_: Any, **__: Any) -> None:
    """In place of the loss's arithmetic on a tile, which the CPU does in more tensors than the GPU's one kernel."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=SHAPES)
    parser.add_argument("method", choices=["full", "lora"])
    parser.add_argument("tokens", type=int)
    parser.add_argument("--largest", type=int, default=0, help="print so many of the largest groups of tensors")
    arguments = parser.parse_args()
    trl.kernels.chunked_logprob._forward_tile = skip
    trl.kernels.chunked_logprob._backward_tile = skip
    live = trace(Case(arguments.model, arguments.method, arguments.tokens))
    print(f"{arguments.model} {arguments.method} {arguments.tokens}: peak {live.peak / GIB:.3f} GiB")
    groups = sorted(live.largest.items(), key=lambda item: -item[0][0] * item[1])
    for (size, kind), count in groups[: arguments.largest]:
        print(f"{size * count / GIB:9.3f} GiB  {count} x {kind}")


if __name__ == "__main__":
    main()
