"""Training methods by the name in a stage's `method`. A method has the signature of `student.methods.sft.train`."""

from collections.abc import Callable

from records.training_counts import TrainingCounts
from student.methods.sft import train as sft

METHODS: dict[str, Callable[..., TrainingCounts]] = {"sft": sft}
