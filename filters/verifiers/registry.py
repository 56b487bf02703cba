"""Lists every verifier by name. `filters/workers.py` calls them."""

from collections.abc import Callable
from dataclasses import dataclass

from configs.judging import CodeLimits
from filters.verifiers import choice_answer, code_answer, formal_answer, math_answer, reasoning_gym_answer
from filters.verifiers.evidence import Evidence
from filters.verifiers.programs.jobs import Job
from records.rows import Verdict


@dataclass(frozen=True)
class Verifier:
    """One kind of verification. A verifier has `quick` and `full`, or `prepare` and `sandboxed` in place of both."""

    version: str
    """Raise it if the verifier's verdicts change, so that traces are judged again."""
    quick: Callable[[Evidence], Verdict | None] | None = None
    """Returns the verdict if bounded work is enough; None if only `full` can tell."""
    full: Callable[[Evidence], Verdict] | None = None
    """Returns the verdict, however long it takes. Called in a worker process that is killed at the time limit."""
    module: str = ""
    """A module that `full` needs and that is slow to import. A worker imports it before any time limit starts."""
    prepare: Callable[[Evidence, CodeLimits], Job | Verdict] | None = None
    """Reads answer and tests, and returns what is to be run. Called in a worker process, as `full` is."""
    sandboxed: Callable[[Job], Verdict] | None = None
    """Runs what `prepare` returned in a sandbox, which keeps its own limits. Called in a thread."""


VERIFIERS: dict[str, Verifier] = {
    "math": Verifier(math_answer.VERSION, math_answer.quick, math_answer.full, "math_verify"),
    "choice": Verifier(choice_answer.VERSION, choice_answer.full, choice_answer.full),
    "reasoning_gym": Verifier(
        reasoning_gym_answer.VERSION,
        reasoning_gym_answer.quick,
        reasoning_gym_answer.full,
        "reasoning_gym",
    ),
    "formal": Verifier(formal_answer.VERSION, full=formal_answer.full, module="z3"),
    "code": Verifier(code_answer.VERSION, prepare=code_answer.prepare, sandboxed=code_answer.run),
}
