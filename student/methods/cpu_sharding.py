"""FSDP2 on the CPU, with gloo: slow, but the same code as on GPUs, so that it can be tested on any machine.

accelerate knows FSDP for accelerators only. On the CPU it takes no notice of the plugin, and trains with DDP
(accelerate/state.py, AcceleratorState). torch's `fully_shard` itself runs on both, but gloo has no mean.
"""

from typing import Any

from accelerate.state import PartialState
from accelerate.utils import DistributedType
from torch.distributed.fsdp import FSDPModule


def let_accelerate_shard(arguments: Any) -> None:
    """Let accelerate, which is about to be set up, take the processes of a sharded training on the CPU for those of
    GPUs."""
    state = PartialState()
    if arguments.fsdp and state.distributed_type == DistributedType.MULTI_CPU:
        state.distributed_type = DistributedType.MULTI_GPU


def add_up_gradients(model: Any) -> None:
    """Let a sharded model on the CPU divide the sum of the gradients itself."""
    for module in model.modules():
        if isinstance(module, FSDPModule) and next(model.parameters()).device.type == "cpu":
            module.set_force_sum_reduction_for_comms(True)
