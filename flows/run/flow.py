"""The Prefect flow: carries out a plan, one stage after the other."""

import os
import sys

# Before prefect is imported: its embedded server needs up to 35 s on a busy machine, more than the default limit.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

from pathlib import Path

from filelock import FileLock, Timeout
from prefect import flow, runtime
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from configs.load import load_config
from configs.schema import Config
from eval.metrics.formats import read_scores
from eval.report.tables import markdown_scores
from flows.plan import plan_run, run_dir_of
from flows.run import embedded_server
from flows.run.building import build
from flows.run.child import StageFailed
from flows.run.cluster import Cluster
from flows.run.overview import account_rows, funnel_rows, show_result
from flows.run.preflight import check
from flows.run.tracebacks import hide_tracebacks
from flows.stage import Plan
from records.errors import InputError
from records.files import write_json


def flow_run_name() -> str:
    return str(Path(runtime.flow_run.parameters["config"]).stem)


@flow(name="distill", flow_run_name=flow_run_name, validate_parameters=False)
def distill(config: str = "configs/demo/tiny.yaml", overrides: list[str] | None = None) -> None:
    """Problems to checkpoint for the pair declared in `config`, with `key.path=value` overrides."""
    hide_tracebacks()
    declared = load_config(config, overrides)
    plan, lock = prepare(declared)
    embedded_server.watch()
    with lock, Cluster(declared.distribution) as cluster:
        for stage in plan.stages:
            build(stage, cluster)
        link_results(plan)
    show_in_prefect(plan)


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
    create_table_artifact(table=account_rows(plan), key="accounts", description=place)
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
