"""The Prefect flow, which executes a run, one group of stages after the other."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from flows.run import prefect_setup  # must be imported before prefect

# isort: split
from prefect import flow, get_run_logger, runtime
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from configs.hub_names import unpinned
from configs.load import load_config
from configs.schema import Config
from eval.metrics.formats import read_scores
from eval.report.quantization import quantization_markdown, quantization_tables
from eval.report.tables import markdown_scores
from eval.rounds import told
from flows.distill import Distillation, plan_distillation
from flows.gate import unmet_conditions
from flows.run.building import build_plan
from flows.run.child import run_in_child
from flows.run.directory import checked_and_locked, link_results
from flows.run.groups import RunFailed
from flows.run.overview import account_rows, funnel_rows
from flows.training_checks import check_trainings_here, trainings_of
from records.artifact import is_complete
from records.comparisons import read_comparisons, read_costs
from records.errors import InputError
from records.hashing import fingerprint
from records.rounds import read_check

CHECKED_BY = ("trl", "peft", "transformers")
"""Packages whose versions decide which settings of a training pass."""


def flow_run_name() -> str:
    return Path(str(runtime.flow_run.parameters["config"])).stem


def as_flow(function: Callable[..., None]) -> Any:
    return flow(name="distill", flow_run_name=flow_run_name, validate_parameters=False)(function)


@as_flow
def distill(config: str = "configs/demo/tiny.yaml", overrides: list[str] | None = None) -> None:
    """Run the pair declared in `config`, with `key.path=value` overrides, from problems to checkpoint."""
    prefect_setup.hide_tracebacks()
    given = [config, *overrides] if isinstance(overrides, list) else [config]
    is_list = overrides is None or isinstance(overrides, list)
    if not is_list or not all(isinstance(text, str) for text in given):  # a deployment may be given anything
        raise InputError("config must be the path of a YAML file, and overrides a list of texts, key.path=value")
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


def carry_out(run: Distillation, config: Config) -> None:
    prefect_setup.hide_tracebacks()
    for line in unpinned(config):
        get_run_logger().warning(line)
    resolved = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    create_markdown_artifact(f"```yaml\n{resolved}```", key="config", description=str(run.run_dir))
    check_settings_of_trainings(run, config)
    run = decide_rounds(run, config)
    failed = build_plan(run.plan, run.exporting, config.distribution)
    link_results(run)
    show_in_prefect(run)
    failed += unmet_conditions(config, run)
    if failed:
        raise RunFailed(failed)


def decide_rounds(run: Distillation, config: Config) -> Distillation:
    """Build up to each check after a round of training, and plan anew by what it found, until none is left open.

    Errors: InputError, StageFailed."""
    if run.checks:  # planned before the lock was taken: the run that held it may have completed some since
        run = plan_distillation(config)
    while check := run.open_check:
        build_plan(run.up_to(check), (), config.distribution)
        get_run_logger().info(told(read_check(check.path)))
        run = plan_distillation(config)
    return run


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
        call = partial(check_trainings_here, trainings, config.launch)
        run_in_child(call, {}, log=logs / "settings.log", update=lambda _: None, preload=left[0].libraries)
        passed.touch()


def show_in_prefect(run: Distillation) -> None:
    description = str(run.run_dir)
    create_table_artifact(table=funnel_rows(run), key="funnel", description=description)
    create_table_artifact(table=account_rows(run), key="accounts", description=description)
    if run.scores:
        create_markdown_artifact(markdown_scores(read_scores(run.scores.path)), key="scores", description=description)
        tables = quantization_tables(read_comparisons(run.scores.path), read_costs(run.scores.path))
        if tables:
            create_markdown_artifact(quantization_markdown(tables), key="quantization", description=description)
