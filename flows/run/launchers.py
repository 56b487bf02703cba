"""Leaves out of a stage's environment what torchrun, mpirun, accelerate or a script for Slurm put there for the
processes that they start.

transformers and accelerate read there how many processes train, and how. A stage would wait for others, divide its
batch among processes that nobody starts, or train in another precision than the config says. The ranks of a stage get
theirs from torch's launcher.
"""

from collections.abc import Mapping

RANK = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}
PREFIXES = (
    "ACCELERATE_",
    "FSDP_",
    "PARALLELISM_CONFIG_",
    "TORCHELASTIC_",
    "PMI_",
    "OMPI_COMM_WORLD_",
    "MV2_COMM_WORLD_",
)


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what other launchers left there."""
    return {name: value for name, value in environment.items() if name not in RANK and not name.startswith(PREFIXES)}
