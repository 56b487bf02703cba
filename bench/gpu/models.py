"""Models of random weights, made on the device itself: 14B in 16 bit takes seconds, and nothing is written to disk."""

from typing import Any

import torch
from peft import LoraConfig
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedTokenizerFast, Qwen2Config
from transformers.quantizers import AutoHfQuantizer

from bench.gpu.cases import LORA_RANK, SHAPES, Case
from records.quantization import settings_of

NF4 = BitsAndBytesConfig(**settings_of("nf4", torch.bfloat16))


def make_config(model: str) -> Qwen2Config:
    return Qwen2Config(**SHAPES[model], bos_token_id=0, eos_token_id=0, pad_token_id=1)


def make_model(case: Case, device: str) -> Any:
    """Return the case's model in bfloat16 on `device`, quantized weight by weight where the method is qlora.

    The model is laid out on the meta device; transformers' own quantizer puts the 4-bit layers in. Each weight is then
    drawn on `device` and, in a 4-bit layer, quantized at once, so that one weight is all that is held twice.
    """
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(
            make_config(case.model), dtype=torch.bfloat16, attn_implementation=case.attention
        )
    quantizer = None
    if case.method == "qlora":
        quantizer = AutoHfQuantizer.from_config(NF4, pre_quantized=False)
        quantizer.preprocess_model(model=model, device_map={"": device}, dtype=torch.bfloat16)
    tied = model.get_output_embeddings() if model.config.tie_word_embeddings else None
    for module in model.modules():
        if module is not tied:
            fill(module, device)
    rotary = model.model.rotary_emb
    model.model.rotary_emb = type(rotary)(config=model.config).to(device)  # its buffers are not parameters
    model.tie_weights()
    if quantizer is not None:
        quantizer.postprocess_model(model)
        model.hf_quantizer = quantizer  # as from_pretrained leaves it; the trainer asks it whether it can be trained
    return model.train()


def fill(module: torch.nn.Module, device: str) -> None:
    """Replace a module's own meta parameters by random ones on the device, in 4 bit where they belong in 4 bit."""
    for name, parameter in list(module.named_parameters(recurse=False)):
        drawn = torch.empty(parameter.shape, dtype=torch.bfloat16, device=device)
        drawn = drawn.fill_(1.0) if "norm" in type(module).__name__.lower() else drawn.normal_(0.0, 0.02)
        if type(parameter).__name__ == "Params4bit":
            # Moving it to its device quantizes it.
            made = type(parameter)(drawn, requires_grad=False, **quantization(parameter)).to(device)
        else:
            made = torch.nn.Parameter(drawn, requires_grad=parameter.requires_grad)
        setattr(module, name, made)


def quantization(parameter: Any) -> dict[str, Any]:
    """The settings of a 4-bit weight that has not been quantized yet."""
    names = ("compress_statistics", "quant_type", "quant_storage", "module", "blocksize")
    return {name: getattr(parameter, name) for name in names}


def make_adapter(case: Case) -> LoraConfig | None:
    if case.method == "full":
        return None
    return LoraConfig(r=LORA_RANK, lora_alpha=64, target_modules="all-linear", task_type="CAUSAL_LM")


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of two tokens. The rows are token ids already; the trainer asks for pad and end only."""
    words = Tokenizer(models.WordLevel({"<end>": 0, "<pad>": 1}, unk_token="<pad>"))
    return PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<pad>")
