"""Settings for where, and by how many workers, the shards of sampling, judging and evaluation are built."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from configs.section import MOST_PROCESSES, MOST_SECONDS, Section


class Distribution(Section):
    """A Prefect task runner starts workers, which take shards. Nothing here shapes a trace or a verdict, so a run may
    continue with other workers than it began with. Several machines must all see the run directory and this checkout
    under the same paths, on a file system whose locks hold between machines, and reach a Prefect server
    (PREFECT_API_URL)."""

    runner: Literal["local", "ray", "dask"] = "local"
    """`local` is this machine. `make setup` installs what the others need."""
    address: str | None = None
    """Address of a running cluster: `host:6379` or `ray://host:10001` for Ray, `tcp://host:8786` for Dask; `null`
    starts one on this machine. `auto` is the one at RAY_ADDRESS, which Ray sets in its jobs."""
    sampling_workers: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    """Data parallel size: the number of workers that sample in parallel. Each has its own engine, with as many GPUs as
    its tensor_parallel_size, and keeps it from shard to shard."""
    judging_workers: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    """Number of workers that judge in parallel, each with `judging.workers` processes."""
    cpus_per_worker: float = Field(default=1, gt=0)
    """CPUs that Ray reserves for each worker."""
    stall_timeout_s: float | None = Field(default=14400, gt=0, le=MOST_SECONDS)
    """A stage's process that neither reports progress nor uses a processor for this long is ended and started again.
    Waiting for a slow server looks the same, so this is longer than any reply may take. `null` is off."""

    @model_validator(mode="after")
    def local_has_no_address(self) -> "Distribution":
        if self.runner == "local" and self.address is not None:
            raise ValueError("address: goes with runner: ray or dask; set one of them, or remove address")
        if self.runner == "dask" and self.address == "auto":
            raise ValueError("address: auto is of Ray alone; write tcp://host:port, or null")
        return self

    @field_validator("address")
    @classmethod
    def is_an_address(cls, address: str | None) -> str | None:
        """For `local`, or nothing, Ray or Dask would start a cluster here without what protects the one for `null`."""
        if address is not None and address != "auto" and ":" not in address:
            raise ValueError(f"{address!r} has no port; write host:port, or null for a cluster that is started here")
        return address
