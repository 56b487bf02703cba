"""Wires the stages together: the plan of a run, the Prefect flow that executes it, and the processes of its stages."""

import logging

# On a CPU with AVX512-BF16 bitsandbytes advises, in every process, to install what would fetch a kernel from the hub.
# The kernel is for inference alone, where the ones of its own serve as well.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
