"""Provides the Prefect task runner that the config names, from the first stage that needs it to the end of the run."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from configs.distribution import Distribution
from flows.run.zygote import ROOT
from records.errors import InputError

RESTARTS = 3
"""How often Ray runs a worker's task again after its process or machine was lost."""


class Cluster(ExitStack):
    """This machine, or a Ray or Dask cluster. At the end of the context a cluster is disconnected, or stopped if it was
    started here. Both run what they are sent, so one that is started here asks for a secret of its own: other users of
    the machine, and of its network, reach its ports."""

    def __init__(self, distribution: Distribution) -> None:
        super().__init__()
        self.distribution = distribution
        self.dask: TaskRunner[Any] | None = None

    @contextmanager
    def runner(self, workers: int, gpus: int) -> Iterator[TaskRunner[Any]]:
        """Yield a runner for `workers` concurrent tasks with `gpus` GPUs each. Errors: InputError if there is no
        cluster at the address, or it has too few GPUs."""
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
        address = self.distribution.address
        if address == "auto":
            address = os.environ.get("RAY_ADDRESS", "")
            if ":" not in address:  # "auto" there: Ray would take any that it finds here, of whatever user
                raise InputError("distribution.address: auto needs RAY_ADDRESS; set it, or write the address")
        if address is None:
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        import ray
        from prefect_ray import RayTaskRunner
        from prefect_ray.context import remote_options
        from ray.job_config import JobConfig

        cpus = self.distribution.cpus_per_worker
        if not ray.is_initialized():
            # Of a job that is no client's Ray lets workers import from the driver's working directory before all else,
            # and that may be somebody else's folder.
            arguments: dict[str, Any] = {"job_config": JobConfig(_client_job=True, _py_driver_sys_path=[str(ROOT)])}
            try:
                if address is None:
                    cores = max(1, round(self.most_workers * cpus))
                    folder = f"{self.private(os.environ.get('RAY_TMPDIR'))}/ray"
                    folder.encode("ascii")  # Ray ends in the middle of its start otherwise
                    arguments |= {"include_dashboard": False, "num_cpus": cores, "_temp_dir": folder}
                ray.init(address or "local", **arguments)
            except (OSError, ValueError, RuntimeError) as error:
                named = isinstance(error, UnicodeError) or "AF_UNIX" in str(error)
                advice = "; set RAY_TMPDIR to a folder with a short name in ASCII" if named else ""
                raise InputError(self.not_there(error) + advice) from None
            self.callback(ray.shutdown)
        found = int(ray.cluster_resources().get("GPU", 0))
        if 0 < found < gpus:  # without any, models run on the CPU
            raise InputError(f"the Ray cluster has {found} GPUs, a worker needs {gpus}: lower tensor_parallel_size")
        with remote_options(num_cpus=cpus, num_gpus=min(gpus, found), max_retries=RESTARTS), RayTaskRunner() as runner:
            yield runner

    def dask_runner(self) -> TaskRunner[Any]:
        """Return the Dask runner. Its workers see the GPUs that they were started with (`dask cuda worker`, one worker
        for each set of GPUs)."""
        import dask
        from prefect_dask import DaskTaskRunner

        if self.dask is None:
            address = self.distribution.address
            arguments: dict[str, Any] = {"address": address}
            try:
                if address is None:
                    # Its pages of workers and tasks are there without a dashboard, too, for everybody on the machine.
                    dask.config.set({f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker")})
                    size = {"n_workers": self.most_workers, "threads_per_worker": 1}
                    own = {"security": True, "local_directory": self.private(dask.config.get("temporary-directory"))}
                    arguments = {"cluster_kwargs": {**size, **own, "dashboard_address": None}}
                runner = self.enter_context(DaskTaskRunner(**arguments))
                _ = runner.client  # connects
                self.dask = runner
            except (OSError, ValueError) as error:
                raise InputError(self.not_there(error)) from None
        return self.dask

    def private(self, parent: str | None) -> str:
        """Return a folder for sockets and pickles, where only this user may look and write, in the folder that the user
        has set for those of Ray or Dask, or that for temporary files. Ray's own, and that of Dask, lie there under a
        name that anybody may have taken before."""
        if parent:
            os.makedirs(parent, exist_ok=True)
        return self.enter_context(TemporaryDirectory(prefix="retort-", dir=parent, ignore_cleanup_errors=True))

    def not_there(self, error: Exception) -> str:
        reason = str(error).split("\n", 1)[0]
        where = self.distribution.address or "this machine"
        return f"distribution.address: no {self.distribution.runner} cluster at {where} ({reason})"
