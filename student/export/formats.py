"""Exports a trained student to one further format, loads it again, and lets it answer prompts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from configs.publishing import Format
from records.errors import InputError
from records.export_counts import FormatCounts
from records.quantization import BITSANDBYTES
from student.export.files import DTYPES
from student.export.quantized import load, quantize
from student.export.reference import Comparison, Reference, compare


@dataclass(frozen=True, kw_only=True)
class ExportJob:
    """What an export is made from. Made by the stage; read by the formats."""

    trained: Path
    reference: Path
    """Folder of `reference.json`, the student's own answers."""
    format: Format
    dtype: str
    """`student.dtype`."""
    name: str
    """The first part of a GGUF file's name."""
    base: str
    """The base model as the card names it."""
    base_location: str
    """Directory or hub name from which the base is loaded, for the adapter."""
    base_revision: str | None
    min_agreement: float


def export_format(folder: Path, job: ExportJob) -> FormatCounts:
    """Fill `folder` with the format, load it from there, and compare its answers with the student's.

    Errors: InputError for a student that the format cannot hold, and for an export that is broken.
    """
    settings, model = kind_of(job.format)(folder, job, DTYPES[job.dtype])
    reference = Reference.read(job.reference)
    comparison = compare(model, reference)
    refuse_broken(job, reference, comparison)
    return FormatCounts(
        format=job.format,
        bytes=sum(file.stat().st_size for file in folder.iterdir() if not file.name.startswith(".")),
        settings=settings,
        prompts=len(reference.prompts),
        **asdict(comparison),
    )


def refuse_broken(job: ExportJob, reference: Reference, comparison: Comparison) -> None:
    """Errors: InputError if no answer ends by a stop token, or if the agreement is below `job.min_agreement`."""
    asked = f"of {len(reference.prompts)} answers"
    remedy = f"remove {job.format} from publishing.formats to publish without it"
    if not comparison.stopped:
        raise InputError(
            f"{job.format}: the exported model is broken: none {asked} stops by itself within {reference.max_tokens} "
            f"tokens, while the student ends {reference.stopped}; {remedy}"
        )
    if comparison.agreement < job.min_agreement:
        raise InputError(
            f"{job.format}: the exported model is broken: it agrees with {comparison.agreement:.0%} of the student's "
            f"first tokens {asked}, below publishing.check.min_agreement={job.min_agreement}; {remedy}"
        )


Made = tuple[dict[str, str], Any]
"""The export's settings in words, and its model as loaded from the folder."""


def kind_of(name: Format) -> Callable[[Path, ExportJob, torch.dtype], Made]:
    if name in BITSANDBYTES:
        return quantized
    return adapter if name == "adapter" else gguf


def quantized(folder: Path, job: ExportJob, dtype: torch.dtype) -> Made:
    return quantize(job.trained, folder, job.format, dtype), load(folder, dtype)


def adapter(folder: Path, job: ExportJob, dtype: torch.dtype) -> Made:
    from student.export.adapter import export_adapter, load_on_base

    settings = export_adapter(job.trained, folder, job.base)
    return settings, load_on_base(folder, job.base_location, job.base_revision, dtype)


def gguf(folder: Path, job: ExportJob, dtype: torch.dtype) -> Made:
    from student.export.gguf import convert, load_gguf

    file = folder / f"{job.name}-{job.format.removeprefix('gguf_')}.gguf"
    settings = convert(job.trained, file, job.format, dtype, job.name)
    return settings, load_gguf(file, job.trained, dtype)
