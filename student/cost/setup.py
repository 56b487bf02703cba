"""What a training stage's memory depends on."""

from dataclasses import dataclass

from student.cost.shape import Shape

WIDTHS = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Setup:
    """One stage, on one GPU of `processes`."""

    shape: Shape
    tokens: int
    """Tokens in a micro-batch on one GPU: rows a device x the longest row, after packing."""
    sequences: int = 1
    """Sequences, or packs, that these tokens are in. Dense attention is within each (student/methods/collating.py)."""
    method: str = "full"
    """full | lora | qlora (nf4, double quantization)"""
    rank: int = 0
    """Of adapters on all linear maps of the layers. Fewer targets take less: the estimate is then too high."""
    modules_to_save: tuple[str, ...] = ()
    """Modules that LoRA trains whole: embed_tokens, lm_head."""
    dtype: str = "bfloat16"
    """float32 | bfloat16 | float16: the dtype of the weights."""
    autocast: bool = True
    """Matrix products in bfloat16 (`bf16: true`), whatever the weights' dtype."""
    optimizer: str = "adamw_torch_fused"
    gradient_checkpointing: bool = True
    liger: bool = False
    """Norms and SwiGLU by liger's kernels (`use_liger_kernel`)."""
    supervised: float = 1.0
    """Share of tokens with a label: the output layer sees no others on a GPU."""
    attention: str = "sdpa"
    packed: bool = False
    """Several documents in a row, kept apart."""
    head: str = "fused"
    """fused: TRL's output layer, in tiles. logits: whole logits, as `compute_loss_func` or another trainer takes."""
    processes: int = 1
    sharding: str = "none"
    """none | ddp | fsdp2 | zero3"""

    @property
    def weight_width(self) -> int:
        """Bytes of one weight, and of one number of the residual stream, whose dtype is the embedding's."""
        return WIDTHS[self.dtype]

    @property
    def compute_width(self) -> int:
        """Bytes of one number that a linear map takes or gives."""
        return 2 if self.autocast else self.weight_width

    @property
    def shares(self) -> int:
        """Processes among which weights, gradients and optimizer states are divided."""
        return self.processes if self.sharding in {"fsdp2", "zero3"} else 1

    @property
    def stored_width(self) -> int:
        """Bytes of one weight where it is stored: under FSDP2 with autocast accelerate keeps trained weights in float32
        (accelerate/utils/fsdp_utils.py, `fsdp2_prepare_model`)."""
        upcast = self.sharding == "fsdp2" and self.shares > 1 and self.autocast and self.method == "full"
        return 4 if upcast else self.weight_width

    @property
    def trained_width(self) -> int:
        """Bytes of one trained number and of its gradient. peft makes adapters in float32 (`autocast_adapter_dtype`),
        TRL turns those on a 4-bit base to bfloat16 (sft_trainer.py: QLoRA)."""
        return {"full": self.stored_width, "lora": 4, "qlora": 2}[self.method]

    @property
    def has_master(self) -> bool:
        """Whether the optimizer keeps a float32 copy of the trained weights, and float32 states: DeepSpeed with bf16
        (ZeRO, arXiv 1910.02054, section 3.1: K = 12)."""
        return self.sharding == "zero3" and self.shares > 1 and self.autocast

    @property
    def trains_embedding(self) -> bool:
        return self.method == "full" or "embed_tokens" in self.modules_to_save

    @property
    def trains_head(self) -> bool:
        return self.method == "full" or "lm_head" in self.modules_to_save

    @property
    def shares_embedding(self) -> bool:
        """Whether one trained weight is embedding and output layer, which adds up two gradients for it."""
        return self.method == "full" and self.shape.tied

    @property
    def trained_embeddings(self) -> int:
        """Trained parameters of modules that are embeddings, a tied output layer with them."""
        return self.shape.embedding if self.trains_embedding else 0

    @property
    def layer_trained(self) -> int:
        """Trained parameters of one layer."""
        if self.method == "full":
            return self.shape.layer_linear
        return self.shape.adapter(self.rank) // self.shape.layers

    @property
    def trained_others(self) -> int:
        """Trained parameters that are no embedding: layers, norms, an output layer of its own."""
        head = self.shape.embedding if self.trains_head and not self.shares_embedding else 0
        norms = self.shape.norms if self.method == "full" else 0
        return self.shape.layers * self.layer_trained + norms + head

    @property
    def trained(self) -> int:
        return self.trained_others + self.trained_embeddings
