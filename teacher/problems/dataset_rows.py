"""Reads rows of a Hugging Face dataset, on the hub or in a folder, by the library `datasets`.

A dataset is a stranger's: the header of its README.md may name other files than its own, on this machine or at any
address, its rows may refer to images that would be fetched, and a few kilobytes may unpack to gigabytes.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from configs.sources import RowFile
from records.errors import InputError
from records.hashing import files_under
from records.memory_bound import bounded_memory
from records.tables import Row
from teacher.problems.exact_json import exact_json

MOST_GIB = 8
"""GiB that reading a dataset may take. Row groups of the usual size take a hundredth of it."""


def read_dataset(source: RowFile) -> Iterator[Row]:
    """Stream a dataset from the Hugging Face hub or from a local folder. Images and the like stay undecoded.

    Errors: InputError if it does not load, takes too much memory or reads files that are not its own, and for a name on
    the hub that is a folder here as well, which would be read in its place."""
    import datasets  # ~2 s

    name = source.hub_name or source.path
    if source.hub_name and Path(name).exists():
        raise InputError(f"{source.path}: the folder {Path(name).absolute()} would be read instead; rename it")
    try:
        with bounded_memory(MOST_GIB):
            builder = datasets.load_dataset_builder(name, source.subset, revision=source.revision)
            check_own(source.path, name, builder.config.data_files or {})
            with exact_json(builder) as as_written:
                rows = builder.as_streaming_dataset(split=source.split)
                if rows.features:
                    rows = rows.decode(False)
                    rows = rows.cast(datasets.Features.from_dict(with_json(rows.features.to_dict())))
                for index, row in enumerate(rows, start=1):
                    yield f"{source.path}: row {index}", as_written.decoded(row)
    except InputError:
        raise
    except MemoryError as error:  # Arrow's is one too
        raise InputError(
            f"{source.path}: its rows take more than {MOST_GIB} GiB of memory; write shorter ones"
        ) from error
    except Exception as error:  # each of its readers raises errors of its own; a script, which never runs, RuntimeError
        reason = " ".join(str(error).split())
        raise InputError(
            f"{source.path}: neither a .jsonl, .jsonl.gz, .json or .parquet file nor a dataset that loads ({reason})"
        ) from error


def with_json(feature: Any) -> Any:
    """Return undecoded features, as JSON, of which values of several types are decoded: datasets (5.2) keeps those as
    JSON."""
    if not isinstance(feature, dict):
        return feature
    kept = {name: with_json(part) for name, part in feature.items()}
    return {"_type": "Json"} if feature.get("_type") == "Json" else kept


def check_own(path: str, name: str, data_files: dict[Any, list[str]]) -> None:
    """Check that all files of a dataset are its own: in a folder those that its hash knows, on the hub those of its
    repository, and so of its revision. Errors: InputError."""
    folder = Path(name).expanduser().resolve()
    known = {*files_under(folder, manifests=True)} if folder.is_dir() else None
    for file in (file for files in data_files.values() for file in files):
        own = (
            file.startswith((f"hf://datasets/{name}@", f"hf://{name}/"))
            if known is None
            else place_in(folder, file) in known
        )
        if not own or "::" in file:
            raise InputError(
                f"{path}: the header of its README.md has {file[:200]} read, which is not one of its own files; "
                "correct it, or name that file in the config"
            )


def place_in(folder: Path, file: str) -> str:
    """Return the name of a file within a folder, through links to folders, which the folder's hash passes over, but not
    through one that is the file."""
    return os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file)), folder)
