"""Settings for where training runs. They change no weights that matter, so they enter no artifact's identity."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from configs.section import MOST_PROCESSES, Section

Shard = Literal["none", "ddp", "fsdp2", "zero3"]


class Launch(Section):
    """Where the training stages run: on which device, in how many processes, on how many machines.

    The batch of an optimizer step is the one that a stage's `settings` say, whatever stands here: more processes take
    smaller parts of it.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes a GPU if there is one, and says so if a stage that wants one runs without. `cuda` refuses to run
    without a GPU."""
    processes: Literal["auto"] | Annotated[int, Field(ge=1, le=MOST_PROCESSES)] = "auto"
    """Processes on each machine, one for each GPU. `auto` takes all visible GPUs if `shard` lets them share the work,
    else one; without a GPU it is one process."""
    shard: Shard = "none"
    """What the processes of a training share. `none` is one process. `ddp` shares the rows, and each process has all
    weights; `fsdp2` (PyTorch) and `zero3` (DeepSpeed) also divide weights, gradients and optimizer states. With one
    process on one machine all are `none`."""
    nodes: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    """Machines that train together. The others run `retort join` with the same config; `run_dir` must be the same
    folder on all of them."""
    rendezvous: str | None = Field(default=None, pattern=r"^[^\s:/]+:[0-9]{1,5}$")
    """`host:port` at which several machines meet: the one that runs `retort distill`, and a free port there."""

    @model_validator(mode="after")
    def processes_share_something(self) -> "Launch":
        if self.shard == "none" and (self.processes not in ("auto", 1) or self.nodes > 1):
            raise ValueError("shard: none trains in one process; set launch.shard to ddp, fsdp2 or zero3")
        if self.shard == "zero3" and self.device == "cpu":
            raise ValueError("shard: zero3 needs GPUs (DeepSpeed); set launch.shard to ddp or fsdp2")
        if self.nodes > 1 and self.rendezvous is None:
            raise ValueError("nodes: several machines need launch.rendezvous, the host:port at which they meet")
        if self.rendezvous is not None and int(self.rendezvous.rpartition(":")[2]) > 65535:
            raise ValueError("rendezvous: a port is at most 65535; give a free one")
        if self.rendezvous is not None and self.nodes == 1:
            raise ValueError("rendezvous: one machine meets no others; remove it, or set launch.nodes")
        return self
