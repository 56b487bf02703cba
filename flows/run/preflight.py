"""Checks for mistakes that can be found before any work starts."""

import os
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from configs.checkpoint import CheckpointEvaluation
from configs.distribution import Distribution
from configs.evaluated_models import EvaluatedModel
from configs.judges import judge_weights, judges
from configs.schema import Config
from configs.scorers import ModelScorer
from configs.servers import ServerTeacher
from configs.sources import RowFile
from filters.scorers.checkpoint import check_scorer
from filters.scorers.served import check_served
from filters.verifiers.programs.packages import places_of
from filters.verifiers.programs.sandbox.host import check_sandbox
from records.errors import InputError
from records.quantization import BITSANDBYTES
from records.rows import CODE
from records.same_model import check_quantization
from records.tables import ENDINGS
from teacher.engines.checkpoint import read_checkpoint
from teacher.engines.model_directory import check_checkpoint, read_json
from teacher.engines.weight_files import check_consolidated
from teacher.servers.sampler import read_key

PACKAGES = {"local": (), "ray": ("ray", "prefect-ray"), "dask": ("distributed", "prefect-dask")}
"""Packages that each runner needs, by the names to install; `make setup` installs all of them."""
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
"""Fields of config.json by which most mixtures of experts are known before they are loaded. With one it is a
dense model (Jamba)."""
PERHAPS_DENSE = {"nemotron_h", "doge"}
"""Models whose config names experts whether they have any."""


def check(config: Config, run_dir: Path) -> None:
    """Check files, models, the run directory and the environment.

    Errors: InputError for a missing file, an incomplete model directory, a run directory that cannot be written, a
    missing API key, missing packages, a sandbox that does not start although programs are to be judged, and a student
    that GGUF cannot hold although it is asked for.
    """
    check_literal(run_dir)
    check_writable(run_dir)
    check_packages(config.distribution)
    recorded = config.teacher.trace_files
    listed = [*config.problems, *(source for one in config.benchmarks.values() for source in one.sources)]
    sampled = [one for stage in config.training for one in stage.samplings.values()]
    listed += [source for one in sampled for source in one.problems]
    check_files([*recorded, *listed, *(table for stage in config.training for table in stage.tables)])
    if any(source.verifier == CODE for source in [*recorded, *listed]):
        check_sandbox()
        places_of(tuple(config.judging.code.packages))
    check_model("student", config.student.path)
    if config.student.path and (folder := Path(config.student.path)).is_dir():
        check_consolidated(folder)
        check_quantization(folder, read_json(folder / "config.json"))
    for name, entry in (config.evaluation.models if config.evaluation else {}).items():
        check_evaluated(f"evaluation.models.{name}", entry)
    for name, scorer in config.scorers.items():
        if isinstance(scorer, ModelScorer):
            check_scorer_model(f"scorers.{name}", scorer)
    check_formats(config)
    check_experts(config)
    for weights in [*config.teacher.weights_names, *judge_weights(config)]:
        check_model(weights.place, weights.path)
    for model in (config.teacher, *judges(config).values()):
        if isinstance(model, ServerTeacher):
            read_key(model)


def check_checkpoint_run(config: CheckpointEvaluation, run_dir: Path) -> None:
    """Do the same for the evaluation of a checkpoint, which is checked when its config is made."""
    check_literal(run_dir)
    check_writable(run_dir)
    check_packages(config.distribution)
    listed = [source for one in config.benchmarks.values() for source in one.sources]
    check_files(listed)
    if any(source.verifier == CODE for source in listed):
        check_sandbox()
        places_of(tuple(config.judging.code.packages))


def check_files(sources: Iterable[object]) -> None:
    """Check that local files exist. Errors: InputError."""
    for source in sources:
        if isinstance(source, RowFile) and source.path.endswith(ENDINGS) and not Path(source.path).is_file():
            raise InputError(
                f"{source.path}: no such file (looked for {Path(source.path).absolute()}); correct its path"
            )


def check_packages(distribution: Distribution) -> None:
    """Check the runner's packages. Errors: InputError if one is not installed."""
    for package in PACKAGES[distribution.runner]:
        if find_spec(package.replace("-", "_")) is None:
            raise InputError(
                f"distribution.runner: {distribution.runner} needs the package {package}: run `make setup`, which "
                f"installs it, or `{sys.executable} -m pip install {package}`; or set distribution.runner=local"
            )


def check_writable(run_dir: Path) -> None:
    """Check that a run can write there, and that `datasets`, by which trainings read their rows, takes the name as it
    stands. Errors: InputError."""
    if os.path.expanduser(os.path.expandvars(run_dir)) != str(run_dir):
        raise InputError(f"{run_dir}: `~` and variables are not replaced in run_dir; write out what they stand for")
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=run_dir):
            pass
    except OSError as error:
        raise InputError(f"{run_dir}: cannot be written ({error.strerror}); set run_dir to another place") from error


def check_literal(folder: Path) -> None:
    """Check that the libraries that read there take the folder for what it is called. To `datasets` and vLLM it may be
    a pattern, which neighbours match as well, so that their rows or weights would be read. Errors: InputError."""
    place = os.path.abspath(folder)
    for sign in ("*", "?", "[", "::"):
        if sign in place:
            raise InputError(f"{place}: {sign} stands for other names where it is read; take another place")


def check_model(role: str, name: str | None) -> None:
    """Check that an existing path is a model, and that any other looks like a Hugging Face name, `owner/name`."""
    if name is None:
        return
    path = Path(name)
    if path.is_dir():
        check_literal(path)
        check_checkpoint(path)
    elif path.is_file() or name.startswith((".", "~", os.sep)) or name.count("/") != 1:
        raise InputError(f"{path}: no such model directory, nor a Hugging Face name (owner/name); correct {role}.path")


def check_evaluated(place: str, entry: EvaluatedModel) -> None:
    """Check a model that is measured beside the run's own. One from the hub is seen only when it is loaded."""
    check_model(place, entry.path)
    if entry.path and Path(entry.path).is_dir() and read_checkpoint(entry.path, None).quantized and entry.quantized:
        raise InputError(f"{place}: its weights are quantized already; remove {', '.join(entry.quantized)}")


def check_scorer_model(place: str, scorer: ModelScorer) -> None:
    """Check a reward model. One from the hub is seen only when it is loaded. Errors: InputError."""
    check_model(place, scorer.path)
    folder = Path(scorer.path) if scorer.path and Path(scorer.path).is_dir() else None
    if folder:
        check_scorer(scorer, folder)
    check_served(scorer, place, folder)


def check_formats(config: Config) -> None:
    """Check whether a student on this machine can become GGUF. One from the hub is seen only when it is exported."""
    folder = Path(config.student.path or "")
    if config.student.path and folder.is_dir() and any(name.startswith("gguf") for name in config.publishing.formats):
        from student.export.gguf_layout import architecture_of  # takes 1 s to import
        from student.export.gguf_tokenizer import pre_tokenizer

        architecture_of(read_json(folder / "config.json").get("model_type", "without a name"), config.student.path)
        if (folder / "tokenizer.json").exists():
            pre_tokenizer(read_json(folder / "tokenizer.json"), config.student.path)


def check_experts(config: Config) -> None:
    """Check whether a student on this machine can be quantized as asked (`student.export.quantized`). One from the hub
    is seen only then. Errors: InputError."""
    folder, measured = Path(config.student.path or ""), config.evaluation.models if config.evaluation else {}
    if not config.student.path or not folder.is_dir():
        return
    tree = read_json(folder / "config.json")
    if tree.get("model_type") in PERHAPS_DENSE:
        return
    texts = [tree, tree.get("text_config")]
    if any(isinstance(text, dict) and text.get(name) not in (None, 0, 1) for text in texts for name in EXPERTS):
        own = [entry.quantized for name, entry in measured.items() if entry.path is None and name != "teacher"]
        asked = {precision for one in own for precision in one} | BITSANDBYTES.keys() & {*config.publishing.formats}
        if asked:
            raise InputError(
                f"{config.student.path}: a mixture of experts, which bitsandbytes would leave in 16 bits; remove "
                f"{', '.join(sorted(asked))} from evaluation.models and publishing.formats"
            )
