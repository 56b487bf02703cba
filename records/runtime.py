"""What a model was sampled with: engine, kernels and dtype, and how it was asked.

Scores of the same weights differ more between runtimes than between precisions, so it is kept with what is measured.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from records.errors import InputError
from records.files import write_json, write_whole
from records.hashing import fingerprint

PREFIX = "runtime-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernels:
    """What computes a model's numbers. Made by scorers; read by people, in the manifest of scores."""

    engine: str
    """`vllm` or `transformers`."""
    version: str
    """The engine's."""
    device: str
    """`cpu`, or the name of the GPU."""
    attention: str
    """The attention kernels by the engine's own name, such as CPU_ATTN or FLASH_ATTN."""
    dtype: str
    """Type of the activations, and of weights that are not quantized."""

    @property
    def kernels(self) -> str:
        return f"{self.engine} {self.version}, {self.device}, {self.attention}, {self.dtype}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime(Kernels):
    """One engine with a model in it. Made by the samplers of models under evaluation; read by metrics. `kernels` must
    be the same for any two models whose scores are compared."""

    quantization: str
    """How the linear layers are quantized, and in which type they compute; empty if they are not."""
    eager: bool
    """True if nothing is compiled and no graph is captured; 8-bit layers allow neither."""
    stop_tokens: tuple[str, ...]
    """The tokens at which a completion ends."""
    penalties: tuple[float, float, float]
    """Repetition (1 is none), presence and frequency penalty."""
    template: str
    """Hash of the chat template."""

    @property
    def asking(self) -> tuple[frozenset[str], tuple[float, float, float], str]:
        """What must be the same besides for one model in two precisions."""
        return frozenset(self.stop_tokens), self.penalties, self.template

    def __str__(self) -> str:
        how = [self.quantization, "eager" if self.eager else "compiled"]
        stops = f"stops at {' '.join(self.stop_tokens)}"
        plain = self.penalties == (1.0, 0.0, 0.0)
        penalties = "no penalties" if plain else f"penalties {'/'.join(map(str, self.penalties))}"
        return ", ".join(filter(None, [self.kernels, *how, stops, penalties, f"template {self.template}"]))


def keep_runtime(folder: Path, runtime: Runtime) -> None:
    """Note in a folder of traces what they are drawn with. Several workers, and several starts, may do so."""
    write_json(folder / f"{PREFIX}{fingerprint(asdict(runtime))}.json", runtime)


def copy_runtimes(source: Path, folder: Path) -> None:
    """Note in `folder` that traces of `source` were taken over."""
    for file in source.glob(f"{PREFIX}*.json"):
        write_whole(folder / file.name, file.read_bytes())


def read_runtimes(folder: Path) -> list[Runtime]:
    """Return every runtime that the traces in a folder were drawn with; none if nobody noted any. Errors: InputError
    for a file that says something else."""
    return [read_runtime(file) for file in sorted(folder.glob(f"{PREFIX}*.json"))]


def read_runtime(file: Path) -> Runtime:
    try:
        return TypeAdapter(Runtime).validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{file}: says nothing of an engine ({place}: {first['msg'].lower()}); draw anew") from error


def in_words(runtimes: Iterable[Runtime]) -> str:
    return " and ".join(dict.fromkeys(map(str, runtimes)))
