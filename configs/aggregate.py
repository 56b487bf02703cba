"""What stands for the scores of a trace's steps, and how scorers are named."""

from typing import Annotated, Literal

from pydantic import Field

OverSteps = Literal["mean", "min", "product", "last"]
Aggregate = Literal["mean", "min", "product", "last", "outcome"]
ScorerName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
