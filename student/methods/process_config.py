"""The settings of a process reward model's training. TRL's trainer for them is gone from TRL 1.16; its settings were
these two beside those of all of TRL's trainers, and those that Retort sets itself."""

from dataclasses import dataclass, field

from trl.trainer.base_config import _BaseConfig


@dataclass
class ProcessRewardConfig(_BaseConfig):
    """transformers' TrainingArguments with TRL's defaults (`PRMConfig`)."""

    learning_rate: float = field(default=1e-5, metadata={"help": "Initial learning rate of AdamW."})
    disable_dropout: bool = field(default=True, metadata={"help": "Whether to disable dropout in the model."})
    train_on_last_step_only: bool = field(
        default=False, metadata={"help": "Whether only the last labelled step of a solution has a loss."}
    )
