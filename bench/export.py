"""Measures what every export format takes: seconds, size, and agreement with the student.

    python -m bench.export [--model DIR --dataset DIR] [--dtype TYPE] [--prompts N] [--formats F,…] [--json FILE]

Without a model it takes the demo's trained student and dataset (`make demo` makes them). `write` quantizes or converts
and writes, `load` reads the export back as a user would, `try` answers the prompts: those of the dataset with the
shortest answers. Agreement is explained in `student.export.reference`.
"""

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from configs.load import load_config
from configs.publishing import ExportCheck
from flows.distill import plan_distillation
from records.artifact import is_complete

FORMATS = ("int8", "nf4", "nf4_plain", "fp4", "gguf_f16", "gguf_q8_0", "gguf_q4_0")
COLUMNS = ("format", "MB", "write s", "load s", "try s", "agreement", "identical", "stopped")


def demo() -> tuple[Path, Path]:
    """Return the demo's trained student and its dataset."""
    plan = plan_distillation(load_config("configs/demo/tiny.yaml"))
    if not is_complete(plan.student.artifact):
        raise SystemExit(f"no student in {plan.run_dir}: run `make demo` first, or give --model and --dataset")
    return plan.student.path, plan.dataset.path / "data"


def measure(
    root: Path, model: Path, dataset: Path, dtype: str, prompts: int, formats: list[str]
) -> list[dict[str, Any]]:
    from student.export.files import DTYPES
    from student.export.gguf import convert, load_gguf
    from student.export.quantized import load, quantize
    from student.export.reference import Reference, ask_student, compare

    told = asdict(ask_student(root, model, dataset, dtype, ExportCheck(prompts=prompts)))
    print(f"{model.name}, {dtype}: {told}")
    reference, kind = Reference.read(root), DTYPES[dtype]
    rows = []
    for name in formats:
        folder = root / name
        folder.mkdir()
        file = folder / "model.gguf"
        begun = time.perf_counter()
        if name.startswith("gguf"):
            convert(model, file, name, kind, "bench")
        else:
            quantize(model, folder, name, kind)
        written = time.perf_counter()
        loaded = load_gguf(file, model, kind) if name.startswith("gguf") else load(folder, kind)
        ready = time.perf_counter()
        found = compare(loaded, reference)
        tried = time.perf_counter()
        row = {"format": name, "MB": round(sum(part.stat().st_size for part in folder.iterdir()) / 1e6, 3)}
        row |= {
            "write s": round(written - begun, 2),
            "load s": round(ready - written, 2),
            "try s": round(tried - ready, 2),
        }
        row |= {"agreement": f"{found.agreement:.2%}", "identical": found.identical, "stopped": found.stopped}
        print("".join(f"{row[column]!s:>12}" for column in COLUMNS), flush=True)
        rows.append(row)
        del loaded
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a trained model directory")
    parser.add_argument("--dataset", type=Path, help="folder of *.parquet with its training rows")
    parser.add_argument("--dtype", default="float32", help="the student's dtype")
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if (arguments.model is None) != (arguments.dataset is None):
        parser.error("give both --model and --dataset, or neither")
    model, dataset = (arguments.model, arguments.dataset) if arguments.model else demo()
    print("".join(f"{column:>12}" for column in COLUMNS))
    with tempfile.TemporaryDirectory() as temporary:
        formats = arguments.formats.split(",")
        rows = measure(Path(temporary), model, dataset, arguments.dtype, arguments.prompts, formats)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
