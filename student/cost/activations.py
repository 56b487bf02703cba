"""Memory of hidden states: what the forward pass keeps for the backward pass, and what one layer takes when it is
recomputed. Counted from the tensors that live in a traced step of Qwen2 (docs/training.md), in bytes a token."""

from student.cost.setup import Setup

EAGER = 16
"""Bytes a head and pair of tokens under eager attention: the scores in 16 bit, their softmax in float32 and 16 bit,
and the gradients of these."""


def kept_states(setup: Setup, layers: int | None = None) -> int:
    """Bytes that `layers` layers (all, if not said) keep: their inputs with gradient checkpointing, else all that
    their backward pass reads."""
    layers = setup.shape.layers if layers is None else layers
    inputs = setup.tokens * setup.shape.hidden * setup.weight_width
    angles = 2 * setup.tokens * setup.shape.head_dim * setup.weight_width
    if setup.gradient_checkpointing:
        return layers * inputs + angles
    return layers * saved_by_layer(setup) + inputs + angles


def saved_by_layer(setup: Setup) -> int:
    """Bytes that one layer's backward pass reads: the MLP's gate, its activation, the up projection and their product;
    both norms' float32 and 16-bit states; queries, keys, values and the attention's output.

    A LoRA map with float32 adapters reads a 16-bit copy of its input, one a map: peft casts the input to the adapter's
    dtype, and autocast casts it back (peft/tuners/lora/layer.py). The frozen map beside it reads nothing.

    Liger's SwiGLU recomputes the activation, and its norms keep their 16-bit input in place of the float32 one and,
    where their weight is trained, of the normalized one (liger_kernel/ops/swiglu.py, rms_norm.py).
    """
    shape, width = setup.shape, setup.compute_width
    heads = 2 * shape.query + 2 * shape.key
    if setup.attention == "sdpa" and setup.packed:
        heads = 4 * shape.query  # keys and values are repeated for all heads where there is a mask (sdpa_attention.py)
    norms = 8 * shape.hidden + 4 * width * shape.hidden
    if setup.method == "lora":
        norms = 8 * shape.hidden + 5 * width * shape.hidden + width * shape.query
    elif setup.method == "qlora":
        norms = 8 * shape.hidden + 2 * width * shape.hidden
    elif setup.weight_width > width:  # float32 weights: autocast gives every map its own copy of the input
        norms = 8 * shape.hidden + 5 * width * shape.hidden + width * shape.query
    inner = 4
    if setup.liger:
        inner, norms = 3, norms - (8 if setup.method == "full" else 4) * shape.hidden
    return setup.tokens * (inner * width * shape.intermediate + norms + width * heads)


def layer_peak(setup: Setup) -> int:
    """Bytes of one layer at its largest, its input aside.

    That is in the MLP: six tensors of its inner width at the backward pass of gate x up (gate, activation, up, and the
    gradients of product, activation and up), or seven at the recomputed down projection of LoRA, whose input is there
    in 16 bit, in float32, and in 16 bit again. Around them are what the layer saved elsewhere, and the gradient that
    comes in.
    """
    shape, width = setup.shape, setup.compute_width
    saved = saved_by_layer(setup) if setup.gradient_checkpointing else 0
    extra = {"full": 2, "lora": 3, "qlora": 2}[setup.method] * width * shape.intermediate
    passing = (setup.weight_width + (4 * width if setup.method == "lora" else 0)) * shape.hidden
    casts = width * shape.layer_linear if setup.weight_width > width else 0
    if setup.method == "qlora":
        casts = width * max(inputs * outputs for inputs, outputs in shape.linears)  # one weight, dequantized
    return saved + setup.tokens * (extra + passing) + casts


def attention_kept(setup: Setup) -> int:
    """Bytes of masks and scores: a boolean for each pair of tokens in a packed row under sdpa, and the 16-bit bias that
    torch makes of it in each call (aten/transformers/attention.cpp, `convert_boolean_attn_mask`); none where a kernel
    takes the documents' boundaries, or where a row is one document."""
    pairs = setup.tokens * setup.tokens // setup.sequences
    if setup.attention == "eager":
        return EAGER * setup.shape.heads * pairs
    return (1 + setup.compute_width) * pairs if setup.attention == "sdpa" and setup.packed else 0
