"""Where the shards of sampling, judging and evaluation are worked on, and by how many workers at a time."""

from typing import Literal

from pydantic import Field, model_validator

from configs.section import Section


class Distribution(Section):
    """Shards go to workers over a Prefect task runner. Nothing here shapes a trace or a verdict: a run may go on with
    other workers than it was begun with. Elsewhere than on one machine, every one must see the run directory and this
    checkout under the same paths, on a file system that locks across them, and a Prefect server (PREFECT_API_URL)."""

    runner: Literal["local", "ray", "dask"] = "local"
    """`local` is this machine. `make setup` installs what the others need."""
    address: str | None = None
    """Of a running cluster: `auto` or `ray://host:10001`, `tcp://host:8786`; `null` starts one on this machine."""
    sampling_workers: int = Field(default=1, ge=1)
    """Data parallel size: workers that sample at a time, each with an engine of its own and as many GPUs as its
    tensor_parallel_size says, kept from shard to shard."""
    judging_workers: int = Field(default=1, ge=1)
    """Workers that judge at a time, each with `judging.workers` processes."""
    cpus_per_worker: float = Field(default=1, gt=0)
    """CPUs that Ray keeps for each worker."""

    @model_validator(mode="after")
    def local_has_no_address(self) -> "Distribution":
        if self.runner == "local" and self.address is not None:
            raise ValueError("address: goes with runner: ray or dask; set one of them, or remove address")
        return self
