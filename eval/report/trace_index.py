"""Collects packed traces: a row of the index for each, and its texts in blocks."""

from dataclasses import dataclass, field
from typing import Any

from eval.metrics.judged import LABELS, labels_of
from eval.metrics.samples import RIGHT, UNKNOWN, WRONG
from eval.report.blocks import Blocks
from eval.report.opinions import Said
from records.schemas import TRACE

LABELLED = ("source", *LABELS)
"""Properties of a problem by which traces are filtered."""
VERDICTS = {WRONG: "wrong", RIGHT: "right", UNKNOWN: "unknown"}
START_CHARS = 120
"""Characters of a prompt that the list of traces shows."""
ANSWER_CHARS = 40
"""Characters of a reference and of an extracted answer that it shows."""
KEYS = ("problem_id", "attempt", "sample_index", "prompt", "reference", "extra")
BODY = tuple(name for name in TRACE.names if name not in KEYS)
"""Fields that a trace shows when it is opened, beside those of its row and of its problem."""
COLUMNS = (
    *("set", "problem", "attempt", "sample", "verdict", "reason", "finish", "answered", "tokens"),
    *("extracted", "opinion"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an outline knows of a trace."""

    set_number: int
    title: str
    """Of the set."""
    verdict: int
    """RIGHT, WRONG or UNKNOWN."""
    reason: str


@dataclass(slots=True)
class TraceIndex:
    """The rows and blocks so far."""

    rows: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    """Columns with one value per trace. Set, problem, reason, finish and opinion are numbers of what is listed
    elsewhere."""
    problems: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in ("id", "start", "reference", *LABELLED)}
    )
    """Columns with one value per problem."""
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """Number of each problem, by the title of its set and its id."""
    reasons: dict[str, int] = field(default_factory=dict)
    finishes: dict[str, int] = field(default_factory=dict)
    opinions: dict[str, int] = field(default_factory=lambda: {"": 0})
    """What an LLM judge says; empty for a trace that it was not asked about."""
    prompts: Blocks = field(default_factory=Blocks)
    bodies: Blocks = field(default_factory=Blocks)

    def add(self, judged: Judged, trace: dict[str, Any], scores: dict[str, Any], said: Said | None = None) -> int:
        """Add a trace, as `read_rows` yields it, with what scorers say of it by name and what a judge says, and return
        its row."""
        values = {
            "set": judged.set_number,
            "problem": self.problem_of(judged.title, trace),
            "attempt": trace["attempt"],
            "sample": trace["sample_index"],
            "verdict": judged.verdict,
            "reason": self.reasons.setdefault(judged.reason, len(self.reasons)),
            "finish": self.finishes.setdefault(trace["finish_reason"], len(self.finishes)),
            "answered": int(bool(trace["answer"])),
            "tokens": trace["completion_tokens"],
            "extracted": extracted(trace)[:ANSWER_CHARS],
            "opinion": self.opinions.setdefault(said.word if said else "", len(self.opinions)),
        }
        for name in COLUMNS:
            self.rows[name].append(values[name])
        body = {name: trace[name] for name in BODY}
        body |= {"verdicts": [present(verdict) for verdict in trace["verdicts"]]}
        body |= {"opinion": present(said.verdict) | {"word": said.word}} if said else {}
        return self.bodies.add(body | ({"scores": scores} if scores else {}))

    def problem_of(self, title: str, trace: dict[str, Any]) -> int:
        """Return the number of a trace's problem, which it adds if it is the first of its traces."""
        key = (title, trace["problem_id"])
        if key not in self.numbers:
            self.numbers[key] = self.prompts.add([trace["prompt"], trace["reference"]])
            labels = labels_of(trace["extra"])
            values = {name: labels.get(name, "") for name in LABELS} | {
                "id": trace["problem_id"],
                "start": trace["prompt"][:START_CHARS],
                "reference": trace["reference"][:ANSWER_CHARS],
                "source": trace["source"],
            }
            for name, column in self.problems.items():
                column.append(values[name])
        return self.numbers[key]


def extracted(trace: dict[str, Any]) -> str:
    """Return the answer that the verifier extracted; empty if it was not asked."""
    return "".join(verdict["extracted"] for verdict in trace["verdicts"][-1:])


def present(verdict: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a verdict does not say."""
    return {name: value for name, value in verdict.items() if value not in ("", None)}
