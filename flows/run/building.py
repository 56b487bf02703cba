"""Builds a stage's artifact: in a process of its own, or with several workers that take shard after shard."""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

from prefect import get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE

from configs.distribution import Distribution
from flows.run import embedded_server
from flows.run.child import StageFailed, run_in_child, stop_all
from flows.run.cluster import Cluster
from flows.run.progress import Update
from flows.run.tracebacks import hide_tracebacks
from flows.stage import Shared, Stage
from records.artifact import build_once, is_complete
from records.counts import Counts
from records.errors import InputError
from records.rows import Artifact
from records.share import Share

SHARDS = ("traces-*.jsonl", "traces-*.parquet", "judged-*.parquet")


@task(cache_policy=NO_CACHE, task_run_name="{name}", persist_result=False)
def work(name: str, call: bytes, log: Path, variables: dict[str, str]) -> Counts:
    """A stage, or one worker's part of it, in a process of its own. `call` is the pickled function and its arguments:
    Prefect need not look into them for futures."""
    hide_tracebacks()  # this may be another process than the flow's
    logger = get_run_logger()
    progress = cast(UUID, create_progress_artifact(0.0, description=name))

    def update(news: Update) -> None:
        done, line = news
        logger.info("%s: %s", name, line)
        if done is not None:
            update_progress_artifact(progress, round(100 * done, 1))

    function, arguments = pickle.loads(call)
    logger.info("building %s", arguments[0])
    return cast(Counts, run_in_child(function, arguments, log, update, variables))


def build(stage: Stage, cluster: Cluster) -> Artifact:
    """Build one stage's artifact, unless it is complete. Errors: InputError, StageFailed."""
    if is_complete(stage.artifact):
        get_run_logger().info("complete: %s", stage.artifact.path)
        return stage.artifact

    def fill(folder: Path) -> Counts:
        if stage.shared:
            return share_out(stage, stage.shared, cluster, folder)
        return work(stage.name, pickle.dumps((stage.build, (folder, *stage.arguments))), log_of(stage), {})

    return build_once(stage.run_dir, stage.name, stage.inputs, fill)


def log_of(stage: Stage, number: str = "") -> Path:
    return stage.run_dir / "logs" / f"{stage.artifact.path.name}{number}.log"


def share_out(stage: Stage, shared: Shared, cluster: Cluster, folder: Path) -> Counts:
    """Build a shared stage; returns its counts. Workers that die are started again as long as they bring it forward.

    Errors: InputError as a worker raised it; StageFailed of one that died without having done anything."""
    parts: list[Counts] = []
    while True:
        before = Amount.of(folder)
        done, failures = run_workers(stage, shared, cluster)
        parts += done
        if not failures:
            return shared.gather(folder, parts)
        if shared.missing(folder) == 0:
            get_run_logger().warning("%s: a worker died, the others did its part: %s", stage.name, failures[0])
            return shared.gather(folder, parts)
        mistakes = [failure for failure in failures if isinstance(failure, InputError)]
        if mistakes or not Amount.of(folder).exceeds(before):
            raise (mistakes or failures)[0]
        get_run_logger().warning("%s: started again, for a worker died: %s", stage.name, failures[0])


def run_workers(stage: Stage, shared: Shared, cluster: Cluster) -> tuple[list[Counts], list[Exception]]:
    """What they returned, and why others did not."""
    workers, gpus, attempt = shared.workers, shared.gpus, uuid4().hex
    done: list[Counts] = []
    failures: list[Exception] = []
    with cluster.runner(workers, gpus) as runner, embedded_server.shown():
        futures = []
        for index in range(workers):
            one, number = ("", "") if workers == 1 else (f" {index + 1}/{workers}", f".{index + 1}")
            call = (stage.build, (stage.artifact.path, *stage.arguments, Share(index, workers, attempt)))
            variables = devices(cluster.distribution, index, workers, gpus)
            given = {"name": stage.name + one, "call": pickle.dumps(call), "log": log_of(stage, number)}
            futures.append(runner.submit(work, given | {"variables": variables}))
        try:
            for future in futures:
                try:
                    done.append(future.result())
                except (InputError, StageFailed) as error:
                    failures.append(error)
                except Exception as error:  # the cluster's own: a machine was lost
                    failures.append(StageFailed(f"{type(error).__name__}: {error}"))
        except BaseException:  # a runner's threads end with what they wait for
            stop_all()
            raise
    return done, failures


def devices(distribution: Distribution, index: int, workers: int, gpus: int) -> dict[str, str]:
    """The GPUs of one of several workers on this machine; clusters hand out theirs."""
    if distribution.runner != "local" or workers == 1 or gpus == 0:
        return {}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    every = visible.split(",") if visible else [str(number) for number in range(workers * gpus)]
    if len(every) < workers * gpus:
        raise InputError(f"{workers} workers with {gpus} GPUs each need more than CUDA_VISIBLE_DEVICES={visible}")
    return {"CUDA_VISIBLE_DEVICES": ",".join(every[index * gpus : (index + 1) * gpus])}


@dataclass(frozen=True)
class Amount:
    """How far a shared stage has come."""

    shards: int
    bytes: int

    @classmethod
    def of(cls, folder: Path) -> "Amount":
        files = [file for pattern in SHARDS for file in folder.glob(pattern)]
        return cls(sum(file.suffix == ".parquet" for file in files), sum(file.stat().st_size for file in files))

    def exceeds(self, other: "Amount") -> bool:
        """A finished shard takes fewer bytes than its journal."""
        return self.shards > other.shards or self.bytes > other.bytes
