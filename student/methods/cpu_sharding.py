"""FSDP2 on the CPU, with gloo: slow, but the same code as on GPUs, so that it can be tested on any machine.

accelerate knows FSDP for accelerators only. On the CPU it takes no notice of the plugin, and trains with DDP
(accelerate/state.py, AcceleratorState). torch's `fully_shard` itself runs on both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accelerate.state import PartialState
from accelerate.utils import DistributedType


@contextmanager
def sharding_anywhere(arguments: Any) -> Iterator[None]:
    """While accelerate is set up, let it take the processes of a sharded training on the CPU for those of GPUs."""
    state = PartialState()
    if arguments.fsdp and state.distributed_type == DistributedType.MULTI_CPU:
        state.distributed_type = DistributedType.MULTI_GPU
    yield
