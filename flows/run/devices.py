"""Assigns this machine's GPUs to the processes of a stage; a cluster assigns its own."""

from records.errors import InputError
from records.gpus import visible_gpus


def devices_of(gpus: int, index: int, workers: int) -> dict[str, str]:
    """Return CUDA_VISIBLE_DEVICES for worker `index` of several with `gpus` GPUs each; empty if it may see all of them.

    Training in one process asks for one GPU: with several, the trainer would split each batch over them (DataParallel),
    and the batch size would differ from the configured one. Errors: InputError if there are too few GPUs.
    """
    visible = visible_gpus()
    if not gpus or visible == []:  # the stage asks for none or takes any, or all are hidden
        return {}
    every = [str(number) for number in range(workers * gpus)] if visible is None else visible
    if len(every) < workers * gpus:
        shown = ",".join(every)
        raise InputError(f"{workers} workers with {gpus} GPUs each need more than CUDA_VISIBLE_DEVICES={shown}")
    return {"CUDA_VISIBLE_DEVICES": ",".join(every[index * gpus : (index + 1) * gpus])}
