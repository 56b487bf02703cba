"""Converts a trained model to a GGUF file, which llama.cpp and Ollama run.

Reading it back with transformers needs the model's own config: transformers 5.19 takes neither the size of Qwen3's
attention heads nor Llama 3's rope scaling from a GGUF file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from gguf import (
    GGML_QUANT_VERSION,
    MODEL_ARCH_NAMES,
    GGMLQuantizationType,
    GGUFWriter,
    TensorNameMap,
    get_tensor_name_map,
    quantize,
)
from gguf.quants import quant_shape_to_byte_shape
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from records.errors import InputError
from records.files import whole_file
from student.export.files import shapes_of, tensors_of, weight_files
from student.export.gguf_layout import (
    TYPES,
    add_shape,
    architecture_of,
    head_dim,
    permuted,
    rope_factors,
    type_of,
)
from student.export.gguf_tokenizer import add_tokenizer
from student.export.quantized import device_map

ROPE_FACTORS = "rope_freqs.weight"


def convert(trained: Path, file: Path, kind: str, dtype: torch.dtype, name: str) -> dict[str, str]:
    """Write the model as `file`, one tensor after the other, and return its settings in words.

    `kind` is a key of TYPES, `dtype` the student's: weights are cast to it first, as in the published checkpoint.
    Errors: InputError for an architecture, tokenizer or weight that GGUF cannot hold.
    """
    wanted, file_type = TYPES[kind]
    files = weight_files(trained)
    config, tokenizer = AutoConfig.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)
    architecture = architecture_of(config.model_type, str(trained))
    names = get_tensor_name_map(architecture, config.num_hidden_layers)
    with whole_file(file) as temporary:
        writer = GGUFWriter(temporary, MODEL_ARCH_NAMES[architecture])
        writer.add_type("model")
        writer.add_name(name)
        writer.add_file_type(file_type)
        writer.add_quantization_version(GGML_QUANT_VERSION)
        add_shape(writer, config, str(trained))
        add_tokenizer(writer, tokenizer, config.vocab_size, str(trained))
        kept = declare(writer, files, config, names, wanted)
        try:
            write(writer, tensors(files, config, names, dtype))
        finally:
            writer.close()
    settings = {"method": f"GGUF {wanted.name}", "norms and biases": "float32"}
    if wanted == GGMLQuantizationType.Q4_0:
        settings["embeddings and head"] = "Q8_0"
    return settings | ({"rows that do not divide by 32": f"float16 ({kept} tensors)"} if kept else {})


def declare(writer: GGUFWriter, files: list[Path], config: Any, names: TensorNameMap, wanted: Any) -> int:
    """Announce shape and type of every tensor, which GGUF lists before the data, in the order of `tensors`.

    Returns the number of matrices that are not quantized because their rows are no whole number of blocks.
    """
    kept = 0
    for name, shape in wanted_shapes(files, config, names):
        kind = type_of(name, shape, wanted)
        kept += kind == GGMLQuantizationType.F16 != wanted
        data = {GGMLQuantizationType.F32: np.float32, GGMLQuantizationType.F16: np.float16}.get(kind, np.uint8)
        stored = shape if data != np.uint8 else quant_shape_to_byte_shape(shape, kind)
        writer.add_tensor_info(name, stored, np.dtype(data), int(np.prod(stored)) * np.dtype(data).itemsize, kind)
    return kept


def wanted_shapes(files: list[Path], config: Any, names: TensorNameMap) -> Iterator[tuple[str, tuple[int, ...]]]:
    if rope_factors(config.rope_parameters, head_dim(config)) is not None:
        yield ROPE_FACTORS, (head_dim(config) // 2,)
    for theirs, shape in shapes_of(files):
        if (name := gguf_name(theirs, config, names)) is not None:
            yield name, shape


def tensors(
    files: list[Path], config: Any, names: TensorNameMap, dtype: torch.dtype
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and float32 values of every tensor, rows in llama.cpp's order."""
    factors = rope_factors(config.rope_parameters, head_dim(config))
    if factors is not None:
        yield ROPE_FACTORS, factors
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for theirs, value in tensors_of(files):
        if (name := gguf_name(theirs, config, names)) is not None:
            array = value.to(dtype).to(torch.float32).numpy()
            part = theirs.split(".")[-2]
            yield name, permuted(array, heads[part]) if config.model_type == "llama" and part in heads else array


def gguf_name(theirs: str, config: Any, names: TensorNameMap) -> str | None:
    """Return GGUF's name of a tensor; None for a head that is the embedding. Errors: InputError for an unknown name."""
    if theirs == "lm_head.weight" and config.tie_word_embeddings:
        return None
    name = names.get_name(theirs, try_suffixes=(".weight", ".bias"))
    if name is None:
        raise InputError(f"tensor {theirs}: GGUF has no place for it in {config.model_type}; remove the gguf formats")
    return name


def write(writer: GGUFWriter, values: Iterator[tuple[str, np.ndarray]]) -> None:
    """Write header, metadata and tensors. Errors: InputError for a value that the type cannot hold; OSError for a full
    disk."""
    kinds = {name: info.dtype for listed in writer.tensors for name, info in listed.items()}
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    assert writer.fout is not None
    (out,) = writer.fout
    writer.write_padding(out, out.tell())
    for name, value in values:
        if not np.isfinite(value).all():
            raise InputError(f"tensor {name}: holds NaN or infinite values; train again with a lower learning rate")
        with np.errstate(over="ignore"):
            stored = quantize(np.ascontiguousarray(value), kinds[name])
        if kinds[name] == GGMLQuantizationType.F16 and not np.isfinite(stored).all():
            raise InputError(f"tensor {name}: holds values beyond float16's 65504; remove gguf_f16")
        write_bytes(out, stored)
        writer.write_padding(out, stored.nbytes)


def write_bytes(out: IO[bytes], array: np.ndarray) -> None:
    """Write an array. `ndarray.tofile` would tell a full disk by an OSError without its number."""
    out.write(np.ascontiguousarray(array).data.cast("B"))


def load_gguf(file: Path, trained: Path, dtype: torch.dtype) -> Any:
    """Load a GGUF file with transformers, its weights dequantized, with the config of the model it was made from."""
    config = AutoConfig.from_pretrained(trained)
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, config=config, dtype=dtype, device_map=device_map()
    )
    return model.eval()
