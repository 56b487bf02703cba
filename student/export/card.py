"""The model card: what it says, as typed records, and how it is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from records.export_counts import FormatCounts
from records.files import EVAL_RESULTS, write_whole
from records.markdown import escaped, in_cell, in_code
from records.rows import Score
from records.thinking import CLOSE, OPEN
from student.data.reasoning import Reasoning
from student.export.hub_results import Benchmarks, eval_results, model_index
from student.export.licenses import License


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Traces from sampling to the dataset."""

    sampled: int
    accepted: int
    selected: int
    problems: int
    """Problems with a selected trace."""
    rejected: dict[str, int]
    """Traces by the reason of the first filter they failed."""
    unknown: dict[str, int]
    left_out: dict[str, int]
    """Accepted traces that were not selected, by reason."""
    by_second_opinion: int | None = None
    """Of the selected, those that an LLM judge alone accepts; None if none may be taken on a judge's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one training stage went."""

    stage: str
    start: str
    """The weights it started from, in words: `the base` or a stage's name."""
    rows: int
    """Rows that it was trained on."""
    dropped: dict[str, int]
    """Rows left out, by reason."""
    settings: dict[str, Any]
    """The settings that shaped the weights, by their dotted path in the config's training section."""
    merged: str | None
    """The weights onto which its adapter was merged; None if all weights were trained."""
    steps: int
    loss: float
    facts: list[tuple[str, str]]
    """What its preflight found of the rows and the special tokens, as name and words."""
    histogram: dict[str, int]
    """Number of rows by the power of two that their tokens do not exceed."""
    estimates: list[tuple[str, str, str]]
    """Quantity, estimate and measurement in words; empty if there was no estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of what the student was trained and measured on."""

    sources: list[str]
    """Where the problems come from."""
    languages: list[str] | None
    """ISO codes of the languages that traces may have: empty if it is each prompt's own, None if it was not checked."""
    max_length: int
    """Longest training row in tokens, prompt included."""
    max_tokens: int
    """Bound on a completion in evaluation."""
    benchmarks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One artifact of the lineage."""

    stage: str
    folder: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything that a card says. Made by the flow; read by `write_card`."""

    title: str
    dtype: str
    base: str
    base_on_hub: bool
    teacher: str
    license: str
    teacher_license: License | None
    """None if it is not known."""
    base_license: License | None
    system: str
    """The system turn; empty if there is none."""
    prompt: str
    """Template of the user turn."""
    reasoning: str
    """What the model writes, as `how_it_reasons` says it."""
    methods: list[str]
    """Those of the trainings that made its weights, the last first."""
    funnel: Funnel | None
    """None if it was trained on none of the teacher's traces."""
    recipes: list[Recipe]
    scores_table: str
    """All scores in Markdown; empty if nothing was evaluated."""
    charts: dict[str, bytes]
    """PNGs of the accuracies, by the file's name."""
    scores: list[Score]
    benchmarks: Benchmarks
    formats: list[FormatCounts]
    limits: Limits
    lineage: list[Made]
    dataset: Made
    packages: dict[str, str]
    commit: str | None

    @property
    def prefix(self) -> str:
        """The word with which a licence wants the model's name to begin; empty if none does."""
        return next((found.prefix for found in (self.teacher_license, self.base_license) if found and found.prefix), "")


def write_card(folder: Path, card: Card) -> None:
    """Write `README.md` with the header that the hub reads, the charts, and a file in `.eval_results` for each
    benchmark there."""
    files = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    files.filters |= {"escaped": escaped, "in_cell": in_cell, "in_code": in_code}
    text = files.get_template("card.md.j2").render(card=card)
    write_whole(folder / "README.md", f"---\n{as_yaml(header(card))}---\n\n{text}")
    for name, chart in card.charts.items():
        write_whole(folder / name, chart)
    for name, entries in eval_results(card.scores, card.benchmarks).items():
        (folder / EVAL_RESULTS).mkdir(exist_ok=True)
        write_whole(folder / EVAL_RESULTS / f"{name}.yaml", as_yaml(entries))


def header(card: Card) -> dict[str, Any]:
    """Return the card's metadata in the hub's words (huggingface.co/docs/hub/model-cards)."""
    metadata: dict[str, Any] = {
        "license": card.license,
        "base_model": card.base if card.base_on_hub else None,
        "language": card.limits.languages or None,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["reasoning", "distillation", "retort"],
        "model-index": model_index(card.title, card.scores, card.benchmarks) or None,
    }
    return {key: value for key, value in metadata.items() if value is not None}


def how_it_reasons(reasoning: Reasoning, switch: str, boxed: bool) -> str:
    """Return the card's sentence about what the model writes.

    `switch` says how to ask for an answer alone. `boxed` is true if the prompt asks for the answer in `\\boxed{}`.
    """
    box = ", in `\\boxed{}`" if boxed else ""
    within = f"The model reasons inside `{OPEN}…{CLOSE}` and gives its answer after it{box}"
    if reasoning == "visible":
        return f"{within}."
    if reasoning == "hidden":
        return f"The model gives its answer at once{box}; it was trained on answers alone."
    return f"{within}. Asked with `{switch}`, it gives the answer at once."


def as_yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
