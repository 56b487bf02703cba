"""Which GPUs the processes of a stage are shown on this machine; clusters hand out theirs."""

from records.errors import InputError
from records.gpus import visible_gpus


def devices_of(gpus: int, index: int, workers: int) -> dict[str, str]:
    """CUDA_VISIBLE_DEVICES of one of several workers with `gpus` GPUs each; nothing where it may see them all.

    Training asks for one: shown several, the trainer would split each batch over them (DataParallel), and train on
    batches of another size than configured. Errors: InputError if there are too few.
    """
    visible = visible_gpus()
    if not gpus or visible == []:  # none is wanted, or none is to be used
        return {}
    every = [str(number) for number in range(workers * gpus)] if visible is None else visible
    if len(every) < workers * gpus:
        shown = ",".join(every)
        raise InputError(f"{workers} workers with {gpus} GPUs each need more than CUDA_VISIBLE_DEVICES={shown}")
    return {"CUDA_VISIBLE_DEVICES": ",".join(every[index * gpus : (index + 1) * gpus])}
