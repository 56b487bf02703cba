"""The Prefect task runner that a config names: started when a stage first needs it, kept until the run ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from configs.distribution import Distribution
from records.errors import InputError

PACKAGES = {"local": (), "ray": ("ray", "prefect-ray"), "dask": ("distributed", "prefect-dask")}
"""What each runner needs, by the names to install; `make setup` installs all of it."""
RESTARTS = 3
"""Times that Ray runs a worker's task again when its process or machine was lost."""


def check_packages(distribution: Distribution) -> None:
    """Errors: InputError if the runner's packages are not installed."""
    for package in PACKAGES[distribution.runner]:
        if find_spec(package.replace("-", "_")) is None:
            raise InputError(
                f"distribution.runner: {distribution.runner} needs the package {package}: run `make setup`, which "
                f"installs it, or `{sys.executable} -m pip install {package}`; or set distribution.runner=local"
            )


class Cluster(ExitStack):
    """This machine, or a Ray or Dask cluster, which is left or stopped at the end of the context."""

    def __init__(self, distribution: Distribution) -> None:
        super().__init__()
        self.distribution = distribution
        self.dask: TaskRunner[Any] | None = None

    @contextmanager
    def runner(self, workers: int, gpus: int) -> Iterator[TaskRunner[Any]]:
        """For `workers` tasks at a time, each with so many GPUs. Errors: InputError if there is no cluster at the
        address, or its GPUs are too few."""
        if self.distribution.runner == "ray":
            with self.ray_runner(gpus) as runner:
                yield runner
        elif self.distribution.runner == "dask":
            yield self.dask_runner()
        else:
            threads: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=workers)
            with threads:
                yield threads

    @property
    def most_workers(self) -> int:
        return max(self.distribution.sampling_workers, self.distribution.judging_workers)

    @contextmanager
    def ray_runner(self, gpus: int) -> Iterator[TaskRunner[Any]]:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray
        from prefect_ray import RayTaskRunner
        from prefect_ray.context import remote_options

        cpus = self.distribution.cpus_per_worker
        if not ray.is_initialized():
            here = {"include_dashboard": False, "num_cpus": max(1, round(self.most_workers * cpus))}
            given: dict[str, Any] = {} if self.distribution.address else here
            try:
                ray.init(self.distribution.address or "local", **given)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise InputError(self.not_there(error)) from None
            self.callback(ray.shutdown)
        there = int(ray.cluster_resources().get("GPU", 0))
        if 0 < there < gpus:  # without any, models run on the CPU
            raise InputError(f"the Ray cluster has {there} GPUs, a worker needs {gpus}: lower tensor_parallel_size")
        with remote_options(num_cpus=cpus, num_gpus=min(gpus, there), max_retries=RESTARTS), RayTaskRunner() as runner:
            yield runner

    def dask_runner(self) -> TaskRunner[Any]:
        """Its workers see the GPUs they were started with (`dask cuda worker`, one worker for each set)."""
        from prefect_dask import DaskTaskRunner

        if self.dask is None:
            here = {"n_workers": self.most_workers, "threads_per_worker": 1, "dashboard_address": None}
            address = self.distribution.address
            given: dict[str, Any] = {"address": address} if address else {"cluster_kwargs": here}
            try:
                self.dask = self.enter_context(DaskTaskRunner(**given))
            except (OSError, ValueError) as error:
                raise InputError(self.not_there(error)) from None
        return self.dask

    def not_there(self, error: Exception) -> str:
        said = str(error).split("\n", 1)[0]
        where = self.distribution.address or "this machine"
        return f"distribution.address: no {self.distribution.runner} cluster at {where} ({said})"
