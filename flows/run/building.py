"""Builds artifacts: each stage in a separate process, or by several workers that take shard after shard."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast
from uuid import uuid4

from prefect import get_run_logger

from configs.distribution import Distribution
from flows.plan import Plan, Sharded, Stage
from flows.run import prefect_setup
from flows.run.child import StageFailed, stop_all
from flows.run.cluster import Cluster
from flows.run.devices import devices_of
from flows.run.groups import build_groups
from flows.run.links import check_no_link
from flows.run.origins import check_origins, origins_of
from flows.run.parts import Parts, build_parts
from flows.run.stage_task import named, parameters
from records.artifact import build_once, is_complete
from records.counts import Counts
from records.errors import InputError
from records.share import WorkerSlot

SHARDS = (
    "traces-*.jsonl",
    "traces-*.parquet",
    ".search-*.jsonl",
    "judged-*.parquet",
    "scores-*.parquet",
    "rollouts-*.jsonl",
    "steps-*.parquet",
)


def build_plan(plan: Plan, exporting: Collection[Path], distribution: Distribution) -> list[str]:
    """Build what is not complete, in groups that share an engine. Return what failed of the stages in `exporting`.

    Errors: InputError, StageFailed of any other stage."""
    check_origins(plan.stages)
    left = []
    for group in plan.groups():
        if all(is_complete(stage.artifact) for stage in group):
            get_run_logger().info("complete: %s", ", ".join(str(stage.path) for stage in group))
        else:
            left.append(group)
    with Cluster(distribution) as cluster:
        return build_groups(left, exporting, partial(build_within, plan, cluster))


def build_within(plan: Plan, cluster: Cluster, group: Sequence[Stage]) -> None:
    """Build a group, and check what was made before from other artifacts of these names. Errors: InputError,
    StageFailed."""
    build(group, cluster)
    built = {stage.path for stage in group}
    check_origins(stage for stage in plan.stages if built & {need.path for need in stage.needs})


def build(group: Sequence[Stage], cluster: Cluster) -> None:
    """Build the incomplete artifacts of stages that share an engine, or of a single stage.

    Errors: InputError, StageFailed."""
    left = [stage for stage in group if not is_complete(stage.artifact)]
    for stage in left:
        check_no_link(stage.path)  # planted since the run began
    sharded = [stage for stage in left if isinstance(stage, Sharded)]
    if sharded:
        build_shards(sharded, cluster)
    for stage in left if not sharded else ():
        whole = partial(build_whole, stage, cluster)
        build_once(stage.run_dir, stage.name, stage.inputs, whole, public=stage.published, origins=origins_of(stage))


def build_whole(stage: Stage, cluster: Cluster, folder: Path) -> Counts:
    variables = devices_of(stage.gpus, 0, 1) if cluster.distribution.runner == "local" else {}
    call = partial(stage.build, folder)
    stage.check_unchanged()
    counts = cast(Counts, named(stage.name)(**parameters([stage], call, variables, cluster)))
    if stage.reads_outside:
        stage.check_unchanged()
    return counts


def build_shards(stages: list[Sharded], cluster: Cluster) -> None:
    """Build stages in shards with several workers. If one dies, they are started again as long as the shards progress.

    Errors: InputError as a worker raised it; StageFailed if a worker died and the shards made no progress."""
    counted: dict[Path, list[Counts]] = defaultdict(list)
    seconds: dict[Path, float] = defaultdict(float)
    for stage in stages:
        stage.path.mkdir(parents=True, exist_ok=True)
    while True:
        before = ShardProgress.of(stages)
        for stage in stages:
            stage.check_unchanged()
        parts, failures = run_workers(stages, cluster)
        for stage in stages:
            counted[stage.path] += [part[stage.path][0] for part in parts]
            seconds[stage.path] += max((part[stage.path][1] for part in parts), default=0.0)
        if not failures:
            break
        name = stages[0].name
        if not any(stage.missing(stage.path) for stage in stages):
            get_run_logger().warning("%s: a worker died, and the others did its part: %s", name, failures[0])
            break
        mistakes = [failure for failure in failures if isinstance(failure, InputError)]
        if mistakes or not ShardProgress.of(stages).exceeds(before):
            raise (mistakes or failures)[0]
        get_run_logger().warning("%s: started again, because a worker died: %s", name, failures[0])
    for stage in stages:
        gather = partial(stage.gather, parts=counted[stage.path])
        build_once(
            stage.run_dir, stage.name, stage.inputs, gather, spent_s=seconds[stage.path], origins=origins_of(stage)
        )


def run_workers(stages: list[Sharded], cluster: Cluster) -> tuple[list[Parts], list[Exception]]:
    """Run the workers. Return what they returned, and the errors of those that failed."""
    workers, gpus, launch = stages[0].workers, stages[0].gpus, uuid4().hex
    done: list[Parts] = []
    failures: list[Exception] = []
    with cluster.runner(workers, gpus) as runner, prefect_setup.server_for_workers():
        futures = []
        for index in range(workers):
            number = f"{index + 1}/{workers}" if workers > 1 else ""
            call = partial(build_parts, stages, WorkerSlot(index, workers, launch))
            variables = devices_of(gpus, index, workers) if cluster.distribution.runner == "local" else {}
            task_of_worker = named(", ".join(stage.name for stage in stages), number)
            futures.append(runner.submit(task_of_worker, parameters(stages, call, variables, cluster, number)))
        try:
            for future in futures:
                try:
                    done.append(future.result())
                except (InputError, StageFailed) as error:
                    failures.append(error)
                except Exception as error:  # an error of the cluster itself: a machine was lost
                    failures.append(StageFailed(f"{type(error).__name__}: {error}"))
        except BaseException:  # a runner's threads end only when the processes that they wait for end
            stop_all()
            raise
    return done, failures


@dataclass(frozen=True)
class ShardProgress:
    """How far sharded stages have progressed."""

    shards: int
    bytes: int

    @classmethod
    def of(cls, stages: list[Sharded]) -> "ShardProgress":
        files = [file for stage in stages for pattern in SHARDS for file in stage.path.glob(pattern)]
        return cls(sum(file.suffix == ".parquet" for file in files), sum(file.stat().st_size for file in files))

    def exceeds(self, other: "ShardProgress") -> bool:
        """Return True if this is further than `other`. Shards are counted too, because a finished shard takes fewer
        bytes than its journal."""
        return self.shards > other.shards or self.bytes > other.bytes
