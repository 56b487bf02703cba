"""The Prefect flow, which executes a run, one group of stages after the other."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from flows.run import prefect_setup  # must be imported before prefect

# isort: split
from filelock import FileLock, Timeout
from prefect import flow, get_run_logger, runtime
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from configs.hub_names import unpinned
from configs.load import load_config
from configs.schema import Config
from eval.metrics.formats import read_scores
from eval.report.tables import markdown_scores
from flows.distill import Distillation, plan_distillation
from flows.run.building import build
from flows.run.child import run_in_child
from flows.run.cluster import Cluster
from flows.run.overview import account_rows, funnel_rows
from flows.run.preflight import check
from flows.run.zygote import ZYGOTE
from flows.training import check_trainings, trainings_of
from records.artifact import is_complete
from records.errors import InputError
from records.files import write_json
from records.hashing import fingerprint

EXPORTS = "exports"
"""Folder at the top of the run directory with a link to every exported format."""
CHECKED_BY = ("trl", "peft", "transformers")
"""Packages whose versions decide which settings of a training pass."""


def flow_run_name() -> str:
    return str(Path(runtime.flow_run.parameters["config"]).stem)


def as_flow(function: Callable[..., None]) -> Any:
    return flow(name="distill", flow_run_name=flow_run_name, validate_parameters=False)(function)


@as_flow
def distill(config: str = "configs/demo/tiny.yaml", overrides: list[str] | None = None) -> None:
    """Run the pair declared in `config`, with `key.path=value` overrides, from problems to checkpoint."""
    declared = load_config(config, overrides)
    run = plan_distillation(declared)
    with checked_and_locked(declared, run.run_dir):
        carry_out(run, declared)


def distill_prepared(path: str, overrides: list[str], config: Config, run: Distillation) -> None:
    """Run the same flow for a config that a command has already loaded, checked and planned."""

    def distill(config: str, overrides: list[str]) -> None:
        carry_out(run, declared)

    declared = config
    as_flow(distill)(path, overrides)


@contextmanager
def checked_and_locked(config: Config, run_dir: Path) -> Iterator[None]:
    """Check and lock the run directory: two runs must not build the same artifact at once.

    Errors: InputError as for `check`, and if another run holds the directory.
    """
    check(config, run_dir)
    lock = FileLock(run_dir / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(f"{run_dir}: another run is at work there; wait for it, or set run_dir") from error
    with lock:
        lock.release()  # `with` acquired it a second time
        yield


def carry_out(run: Distillation, config: Config) -> None:
    prefect_setup.hide_tracebacks()
    prefect_setup.end_server_with_flow()
    for line in unpinned(config):
        get_run_logger().warning(line)
    resolved = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    create_markdown_artifact(f"```yaml\n{resolved}```", key="config", description=str(run.run_dir))
    check_settings_of_trainings(run, config)
    with Cluster(config.distribution) as cluster:
        left = []
        for group in run.plan.groups():
            if all(is_complete(stage.artifact) for stage in group):
                get_run_logger().info("complete: %s", ", ".join(str(stage.path) for stage in group))
            else:
                left.append(group)
        for group, following in zip_longest(left, left[1:]):
            ZYGOTE.next = following[0].libraries if following else ()
            build(group, cluster)
    link_results(run)
    show_in_prefect(run)


def check_settings_of_trainings(run: Distillation, config: Config) -> None:
    """Let TRL check the settings of all trainings before the first stage, unless none is left to be done.

    It takes place in a process of its own, for which TRL is imported once for all stages. A run that continues does not
    wait for it again. Errors: InputError.
    """
    left = [stage for stage in run.plan.stages if "trl" in stage.libraries and not is_complete(stage.artifact)]
    trainings, logs = trainings_of(config), run.run_dir / "logs"
    dumped = {place: training.model_dump(mode="json") for place, training in trainings.items()}
    launch, versions = config.launch.model_dump(mode="json"), [version(name) for name in CHECKED_BY]
    passed = logs / f"settings-{fingerprint([dumped, launch, versions])}.passed"
    if left and not passed.exists():
        call = partial(check_trainings, trainings, config.launch)
        run_in_child(call, {}, log=logs / "settings.log", update=lambda _: None, preload=left[0].libraries)
        passed.touch()


def link_results(run: Distillation) -> None:
    """Put `scores.json`, `report.html`, `checkpoint` and `exports/` at the top of the run directory."""
    write_json(run.run_dir / "scores.json", read_scores(run.scores.path) if run.scores else [])
    link(run.run_dir / "report.html", run.report.path / "report.html")
    link(run.run_dir / "checkpoint", run.checkpoint.path)
    for export in run.checkpoint.exports:
        (run.run_dir / EXPORTS).mkdir(exist_ok=True)
        link(run.run_dir / EXPORTS / export.format, export.path)


def link(name: Path, target: Path) -> None:
    """Point a relative link at the target, atomically replacing an older link."""
    temporary = name.with_name(f".{name.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, name.parent))
    temporary.rename(name)


def show_in_prefect(run: Distillation) -> None:
    description = str(run.run_dir)
    create_table_artifact(table=funnel_rows(run), key="funnel", description=description)
    create_table_artifact(table=account_rows(run), key="accounts", description=description)
    if run.scores:
        create_markdown_artifact(markdown_scores(read_scores(run.scores.path)), key="scores", description=description)
