"""What a training's settings require of the machine: packages, and a GPU."""

from typing import Any

from configs.training import Training
from records.errors import InputError

HUB_ATTENTION = "kernels-community/"
"""Beginning of the names of attention implementations that come from the Hub."""
NEED_GPU = ("activation_offloading", "use_liger_kernel")
"""Fields of TRL's settings that run on a GPU only: TRL moves activations from the accelerator (OffloadActivations asks
for its type, and there is none on a CPU), and liger's kernels are Triton's."""

VLLM_ON_CPU = (
    "TRL gives vLLM the weights over NCCL, in a server as in its own process, so it needs a GPU (and vLLM 0.22 to "
    "0.31), and this training runs on the CPU; remove it: the model draws by itself"
)
"""Why `use_vllm` is refused on a CPU (trl/import_utils.py, trl/generation/vllm_generation.py)."""


def loading_of(config: Training) -> dict[str, Any]:
    """Return what a config says of loading the model: `use_kernels`, for `from_pretrained`."""
    given = config.settings.get("model_init_kwargs")
    return dict(given) if isinstance(given, dict) else {}


def check_packages(config: Training, place: str) -> None:
    """Check that the packages of liger's and the Hub's kernels are there. It imports transformers.

    Errors: InputError for a package that is missing, or of a version that transformers does not take."""
    from transformers.utils.import_utils import is_kernels_available, is_liger_kernel_available

    if config.settings.get("use_liger_kernel") and not is_liger_kernel_available():
        raise InputError(
            f"{place}.settings.use_liger_kernel: needs the package liger-kernel, which is not installed "
            "(requirements/gpu.txt has it); install it, or remove the setting"
        )
    from_hub = {
        f"{place}.settings.model_init_kwargs.use_kernels": loading_of(config).get("use_kernels"),
        f"{place}.attn_implementation: {config.attn_implementation}": HUB_ATTENTION in config.attn_implementation,
    }
    for setting, wanted in from_hub.items():
        if wanted and not is_kernels_available():
            raise InputError(
                f"{setting}: needs the package kernels, in a version that transformers takes; install it, or remove "
                "the setting"
            )


def check_machine(config: Training, cpu: bool, place: str = "training") -> None:
    """Check packages, and that a training on the CPU does without what needs a GPU. Errors: InputError."""
    check_packages(config, place)
    for field in NEED_GPU if cpu else ():
        if config.settings.get(field):
            raise InputError(f"{place}.settings.{field}: needs a GPU, and this training runs on the CPU; remove it")
    if cpu and config.settings.get("use_vllm"):
        raise InputError(f"{place}.settings.use_vllm: {VLLM_ON_CPU}")
