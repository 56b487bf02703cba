"""Settings for test-time compute: answers after less or more thinking, and the price of a teacher in a cascade."""

from pydantic import Field, PositiveInt, model_validator

from configs.section import Section


class Budgets(Section):
    """Accuracy against thinking tokens, from stored draws. Off by default; it costs answers only."""

    think: list[PositiveInt] = []
    """Lengths in tokens at which the reasoning of every stored draw is closed, for the answer to be drawn anew. A draw
    with a shorter reasoning keeps its answer."""
    wait: int = Field(default=0, ge=0, le=16)
    """How often the reasoning of every draw that ended is opened again with "Wait" (s1, arXiv 2501.19393). Each time
    the model thinks on, up to `max_tokens` in all."""
    answer_tokens: int = Field(default=1024, ge=1)
    """Most tokens of an answer after a closed reasoning, and the room that must be left for a further "Wait"."""
    teacher_price: float | None = Field(default=None, gt=0)
    """Price of one of the teacher's tokens, in tokens of the student: it puts a cascade's accuracy on a scale of cost.
    `null` shows it by the share of problems that the teacher gets."""

    @property
    def on(self) -> bool:
        return bool(self.think or self.wait)

    @model_validator(mode="after")
    def each_once_in_order(self) -> "Budgets":
        if sorted(set(self.think)) != self.think:
            raise ValueError(f"think: give every budget once, the smallest first: {sorted(set(self.think))}")
        return self

    def check_room(self, max_tokens: int) -> None:
        """Errors: ValueError if a budget and an answer do not fit into `max_tokens`."""
        if self.think and self.think[-1] + self.answer_tokens > max_tokens:
            raise ValueError(
                f"budgets: {self.think[-1]} tokens of thinking and {self.answer_tokens} of the answer exceed "
                f"max_tokens ({max_tokens}); lower think or answer_tokens, or raise max_tokens"
            )
