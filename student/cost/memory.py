"""Peak memory of a GPU in a training stage, from sizes alone. docs/training.md says where each term comes from.

A step peaks at one of a few moments. At each, weights and optimizer states are there; what else is there differs:
the output layer's backward pass (the hidden states that checkpointing kept, the logits' workspace), the last layer's
(all kept hidden states, one layer recomputed), the first layer's (nearly all gradients, one layer recomputed), the
embedding's, the optimizer's step. `Memory.peak` is that of the largest, and `moment` its name.
"""

from dataclasses import dataclass

from student.cost.activations import attention_kept, kept_states, layer_peak
from student.cost.head import head_peak
from student.cost.optimizers import state_bytes, step_bytes
from student.cost.setup import Setup

CUBLAS = 64 << 20
"""Workspaces of cuBLAS on Hopper: 32 MiB for each of the two threads that run the step (aten/src/ATen/cuda/
CublasHandlePool.cpp). The CUDA context, about 0.5 GiB, is outside of what torch counts, and of this."""

NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes a weight in nf4 with double quantization: 4 bits, an 8-bit scale for 64 weights, a float32 one for 256 scales
(QLoRA, arXiv 2305.14314, section 3)."""


@dataclass(frozen=True)
class Memory:
    """Bytes on one GPU. `gradients`, `activations` and `head` are largest at different moments of a step, so `peak` is
    less than the sum of all."""

    weights: int
    """Weights and adapters; under sharding the process's share and the layers that are gathered."""
    gradients: int
    """All gradients, as they are at the optimizer's step."""
    optimizer: int
    activations: int
    """Hidden states kept for the backward pass, and the layer that is being recomputed."""
    head: int
    """Workspace of the output layer and the loss."""
    peak: int
    """The largest sum of what is there at the same time: what `torch.cuda.max_memory_allocated` would say."""
    moment: str
    """Where the peak is: output_layer, last_layer, first_layer, embedding or step."""


def estimate(setup: Setup) -> Memory:
    """Return the memory that a training step takes on each GPU.

    Errors: InputError for an optimizer whose states are not known.
    """
    shape, width = setup.shape, setup.trained_width
    shares = setup.shares
    weights = weight_bytes(setup) // shares + gathered(setup, shares)
    gradients = setup.trained * width // shares
    state_width, master = (4, 4 * setup.trained) if setup.has_master else (width, 0)
    states = state_bytes(setup.optimizer, setup.trained_others, setup.trained_embeddings, state_width)
    optimizer = (states + master) // shares
    buckets = gradients if setup.sharding == "ddp" and setup.processes > 1 else 0
    kept, layer, head = kept_states(setup), layer_peak(setup), head_peak(setup)

    # Gradients that are there: the output layer's before the layers', all but the first layer's and the embedding's
    # before the first layer's end. A tied weight gets two gradients, which are added up at the embedding.
    head_gradient = shape.embedding * width // shares if setup.trains_head else 0
    last = shape.embedding if setup.trains_embedding and not setup.shares_embedding else 0
    first_layer_gradients = setup.trained - last - setup.layer_trained
    mask = attention_kept(setup)
    moments = {
        "output_layer": kept + head,
        "last_layer": kept + head_gradient + layer,
        "first_layer": kept_states(setup, layers=1) + first_layer_gradients * width // shares + layer,
        "embedding": gradients + (shape.embedding * width if setup.shares_embedding else 0),
        "step": gradients + step_bytes(setup.optimizer, setup.trained, width) // shares,
    }
    moment = max(moments, key=lambda name: moments[name])
    return Memory(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=kept + layer + mask,
        head=head,
        peak=weights + optimizer + moments[moment] + (mask if moment != "step" else 0) + buckets + CUBLAS,
        moment=moment,
    )


def weight_bytes(setup: Setup) -> int:
    """Bytes of all weights in one piece: the base, adapters, and the copies that peft trains of `modules_to_save`."""
    shape = setup.shape
    linear = shape.layers * shape.layer_linear
    outside = shape.parameters - linear
    if setup.method == "full":
        return shape.parameters * setup.stored_width
    base = linear * (NF4 if setup.method == "qlora" else setup.weight_width) + outside * setup.weight_width
    copies = len(setup.modules_to_save) * shape.embedding * setup.weight_width
    return int(base) + shape.adapter(setup.rank) * setup.trained_width + copies


def gathered(setup: Setup, shares: int) -> int:
    """Bytes that a process gathers of weights sharded over others: embedding and output layer for the whole step, and
    two layers, the one at work and the next. Approximate."""
    if shares == 1:
        return 0
    shape = setup.shape
    layer = shape.layer_linear * (NF4 if setup.method == "qlora" else setup.compute_width)
    ends = shape.embedding * (1 if shape.tied else 2) * setup.compute_width
    return int(2 * layer) + ends
