"""The stage that trains the student by reinforcement learning on the run's own judging."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from configs.launch import Shard
from configs.stages import GrpoStage
from filters.chain import VERSION as JUDGING_VERSION
from flows.plan import Stage
from flows.rewarding import reward_judge
from flows.run.progress import Report
from flows.stages.judge import JudgingRules
from flows.stages.prompts import ChoosePrompts
from flows.stages.train import LIBRARIES, TrainStudent
from records.hashing import fingerprint
from records.parquet import count_rows
from records.preflight import Preflight
from records.prompts import PROMPTS_FILE, read_prompts
from records.rendering import VERSION as PROMPT_VERSION
from records.thinking import VERSION as THINKING_VERSION
from records.training_counts import TrainingCounts

CHANGES_NO_REWARD = {"workers", "decontamination"}
"""Fields of `judging` that give no completion another reward."""


@dataclass(frozen=True, kw_only=True)
class TrainGrpo(TrainStudent):
    """Group-relative policy optimization on chosen problems."""

    version = f"2.{PROMPT_VERSION}.{THINKING_VERSION}"
    training: GrpoStage
    chosen: ChoosePrompts
    rules: JudgingRules

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.chosen, *self.base.needs)

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*LIBRARIES, "student.methods.grpo")

    def shaped_by(self) -> dict[str, Any]:
        judging = self.rules.judging.model_dump(mode="json", exclude=CHANGES_NO_REWARD)
        return {
            "order": self.training.prompts.order,
            "rewards": self.training.rewards.model_dump(mode="json"),
            "prompt": self.student.prompt.model_dump(mode="json"),
            "judging": fingerprint([JUDGING_VERSION, judging]),
        }

    def preflight(self, progress: Report) -> Preflight:
        from student.data.asked import PromptRenderer
        from student.data.prompt_preflight import preflight_prompts

        student, longest = self.student, self.training.longest_prompt
        renderer = PromptRenderer(self.origin.tokenizer(), student.prompt, student.reasoning, longest)
        problems = (problem for problem, _ in read_prompts(self.chosen.path))
        count = count_rows(self.chosen.path / PROMPTS_FILE)
        return preflight_prompts(problems, count, self.origin, renderer, self.training, progress)

    def trainer(self, shard: Shard) -> Callable[..., TrainingCounts]:
        from student.methods.grpo import train

        return partial(
            train,
            config=self.training,
            base=self.origin,
            prompts=self.chosen.path,
            student=self.student,
            judging=partial(reward_judge, self.rules.judging),
            device=self.launch.device,
            shard=shard,
        )
