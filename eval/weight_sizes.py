"""Reads from a model's folder how many bytes its weights take, on disk and once they are loaded."""

import json
import math
from pathlib import Path
from typing import Any

from records.comparisons import Figure

BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
"""Bytes of an element by safetensors' name of its type; every other type takes one."""
WIDE = {"F64", "F32", "F16", "BF16"}
"""Types that loading converts to the model's dtype."""
OF_DTYPE = {"float32": 4, "float16": 2, "bfloat16": 2}
UNKNOWN = "not computed: "


def weight_sizes(location: str, precision: str, dtype: str) -> tuple[Figure, Figure]:
    """Return the bytes of the weights' files, and of the weights as they are loaded.

    `location` is where a model's weights are sampled from: a folder, or a hub name, of which nothing is known here.
    Unquantized weights are loaded in `dtype`, those of a quantized checkpoint as they are stored.
    """
    folder = Path(location)
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        return unknown("no weights lie in a folder of this machine; they were loaded from a hub name")
    is_quantized = "quantization_config" in json.loads((folder / "config.json").read_text())
    if precision != "full" and not is_quantized:
        return unknown(f"{precision} was made in memory, from the unquantized weights, and is nowhere on disk")
    on_disk = sum(file.stat().st_size for file in files)
    loaded = sum(loaded_bytes(entry, None if is_quantized else dtype) for file in files for entry in entries_of(file))
    return Figure(value=on_disk), Figure(value=loaded)


def unknown(reason: str) -> tuple[Figure, Figure]:
    absent = Figure(value=None, why=UNKNOWN + reason)
    return absent, absent


def entries_of(file: Path) -> list[dict[str, Any]]:
    """Return dtype and shape of every tensor from the file's header: eight bytes of its length, then JSON
    (github.com/huggingface/safetensors, README, Format)."""
    with file.open("rb") as weights:
        length = int.from_bytes(weights.read(8), "little")
        header = json.loads(weights.read(length))
    return [entry for name, entry in header.items() if name != "__metadata__"]


def loaded_bytes(entry: dict[str, Any], dtype: str | None) -> int:
    """Return the bytes of a tensor that is converted to `dtype` if that is not None."""
    kind = entry["dtype"]
    size = OF_DTYPE[dtype] if dtype and kind in WIDE else BYTES.get(kind, 1)
    return size * math.prod(entry["shape"])
