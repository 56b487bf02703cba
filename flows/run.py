"""The Prefect flow: carries out a plan, one stage after the other."""

import logging
import os
import sys

# Before prefect is imported: its embedded server needs up to 35 s on a busy machine, more than the default limit.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

from pathlib import Path
from typing import cast
from uuid import UUID

from filelock import FileLock, Timeout
from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from configs.load import ConfigError, load_config
from configs.schema import Config
from eval.tables import markdown_scores, read_scores
from flows.child import StageFailed, end_with, run_in_child
from flows.overview import funnel_rows, show_result
from flows.plan import Plan, Stage, plan_run, run_dir_of
from flows.preflight import check
from flows.progress import Update
from records.artifact import build_once, is_complete, write_json
from records.errors import InputError
from records.rows import Artifact


class HideTracebacks(logging.Filter):
    """A user's own mistake shows its message in Prefect's logs, not our stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], InputError | ConfigError):
            record.exc_info = record.exc_text = None
        return True


HIDE_TRACEBACKS = HideTracebacks()


@task(cache_policy=NO_CACHE, task_run_name="{name}", persist_result=False)
def build(name: str, stage: Stage) -> Artifact:
    """Build one stage's artifact in a process of its own, unless it is complete."""
    logger = get_run_logger()
    if is_complete(stage.artifact):
        logger.info("complete: %s", stage.artifact.path)
        return stage.artifact
    progress = cast(UUID, create_progress_artifact(0.0, description=name))

    def update(news: Update) -> None:
        share, line = news
        logger.info("%s: %s", name, line)
        if share is not None:
            update_progress_artifact(progress, round(100 * share, 1))

    def build_in_child(folder: Path) -> dict[str, object]:
        logger.info("building %s", folder)
        log = stage.run_dir / "logs" / f"{folder.name}.log"
        return run_in_child(stage.build, (folder, *stage.arguments), log, update)

    return build_once(stage.run_dir, name, stage.inputs, build_in_child)


def flow_run_name() -> str:
    return str(Path(runtime.flow_run.parameters["config"]).stem)


@flow(name="distill", flow_run_name=flow_run_name, validate_parameters=False)
def distill(config: str = "configs/tiny.yaml", overrides: list[str] | None = None) -> None:
    """Problems to checkpoint for the pair declared in `config`, with `key.path=value` overrides."""
    for name in ("prefect.flow_runs", "prefect.task_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(HIDE_TRACEBACKS)
    declared = load_config(config, overrides)
    plan, lock = prepare(declared)
    watch_embedded_server()
    with lock:
        for stage in plan.stages:
            build(stage.name, cast(Stage, quote(stage)))  # quoted: Prefect need not look into it for futures
        link_results(plan)
    show_in_prefect(plan)


def watch_embedded_server() -> None:
    """Prefect ends its embedded server at exit; a `kill -9` of the flow would leave it running."""
    embedded = sys.modules.get("prefect.server.api.server")  # 3 s to import, and only there if it was started
    for server in embedded.SubprocessASGIServer._instances.values() if embedded else ():
        if server.server_process:
            end_with(os.getpid(), server.server_process.pid)


def prepare(config: Config) -> tuple[Plan, FileLock]:
    """The plan, and the run directory checked and locked: two runs must not build the same artifact at once."""
    run_dir = run_dir_of(config)
    check(config, run_dir)
    lock = FileLock(run_dir / ".lock", timeout=0)
    try:
        with lock:
            return plan_run(config), lock
    except Timeout as error:
        raise InputError(f"{run_dir}: another run is at work there; wait for it, or set run_dir") from error


def link_results(plan: Plan) -> None:
    """`scores.json`, `report.html` and `checkpoint` at the top of the run directory."""
    scored = any(stage.name == "score" for stage in plan.stages)
    scores = read_scores(plan["score"].artifact.path) if scored else []
    write_json(plan.run_dir / "scores.json", scores)
    link(plan.run_dir / "report.html", plan["report"].artifact.path / "report.html")
    link(plan.run_dir / "checkpoint", plan["publish"].artifact.path)


def link(name: Path, target: Path) -> None:
    """Point a relative link at the target, replacing an older one in one step."""
    temporary = name.with_name(f".{name.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, name.parent))
    temporary.rename(name)


def show_in_prefect(plan: Plan) -> None:
    place = str(plan.run_dir)
    create_table_artifact(table=funnel_rows(plan), key="funnel", description=place)
    if any(stage.name == "score" for stage in plan.stages):
        scores = read_scores(plan["score"].artifact.path)
        create_markdown_artifact(markdown_scores(scores), key="scores", description=place)


def run(path: str, overrides: list[str], config: Config) -> int:
    """Run the flow from the command line; exit status."""
    plan, _ = prepare(config)
    try:
        distill(path, overrides)
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        return 130
    except StageFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    show_result(plan)
    return 0
