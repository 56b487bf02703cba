"""Settings that decide which traces are accepted: filters with their thresholds, and the limits of judging."""

from importlib.metadata import PackageNotFoundError, distribution

from pydantic import Field, field_validator

from configs.section import MOST_MIB, MOST_PROCESSES, MOST_SECONDS, Section


class RepetitionLimits(Section):
    """How much of a text may repeat itself. Reasoning and answer are measured separately."""

    ngram: int = Field(default=20, ge=2)
    """Length of the counted n-grams in words. Short ones repeat in every derivation."""
    max_duplicate_share: float = Field(default=0.6, gt=0, le=1)
    """Largest share of characters inside n-grams that occurred before. A text that says everything twice has 0.5."""
    min_words: int = Field(default=100, ge=1)
    """Shorter texts are not measured, and a repeated end must be at least this long."""
    end_repeats: int = Field(default=3, ge=2)
    """A text that ends in this many repeats of one block is a loop."""


class LanguageRule(Section):
    """The natural languages in which a trace may be written. Formulas, code, numbers and variable names have none."""

    expected: list[str] | None = None
    """ISO 639-1 codes such as `[en, zh]`; `null`: the prompt's own language."""
    reasoning: list[str] = ["en"]
    """Further languages allowed in the reasoning: most models reason in English whatever the prompt's language."""
    max_foreign_share: float = Field(default=0.1, ge=0, lt=1)
    """Largest share of words in other languages."""
    min_foreign_words: int = Field(default=8, ge=1)
    """Fewer foreign words than this are always allowed: they are names, quotations and borrowed terms."""


class EquationLimits(Section):
    """How many steps with a false equation a trace may have."""

    max_false_steps: int = Field(default=0, ge=0)
    """Reject a trace with more steps than this that hold a false equation between numbers."""
    reasoning: bool = True
    """Check the reasoning too, not the answer alone. In its reasoning a trace may correct itself."""


class Decontamination(Section):
    """Rules by which a problem counts as a benchmark's. A text that is equal after normalisation always counts."""

    ngram: int = Field(default=13, ge=8, le=13)
    """Consecutive words that a problem must share with a benchmark's. Shorter benchmark problems, down to 8 words, must
    match as a whole."""
    min_coverage: float = Field(default=0.5, ge=0, le=1)
    """Share of the benchmark problem's words that the shared passages must cover."""
    max_shared: int = Field(default=2, ge=1)
    """A passage that occurs in more than this many problems of one benchmark, ignoring numbers, is boilerplate and no
    evidence."""
    min_similarity: float = Field(default=0.9, gt=0, le=1)
    """Edit similarity from which a text under 8 words matches, if its numbers and operators are the same."""


class CodeLimits(Section):
    """Limits of a program under test. A problem's own `cpu_s` and `memory_mib` take precedence."""

    cpu_s: int = Field(default=10, ge=1, le=MOST_SECONDS // 100)
    """CPU seconds, for all tests together if they are asserts, for each test if they are stdin/stdout. The wall limit
    is ten times this plus 10 s; a program that reaches it fails if it was idle, and else is `unknown`."""
    memory_mib: int = Field(default=1024, ge=64, le=MOST_MIB)
    """Address space of each of the program's processes."""
    total_memory_mib: int = Field(default=3072, ge=64, le=MOST_MIB)
    """Memory of all its processes together. A program that holds more is stopped, and fails."""
    whole_s: float = Field(default=600, gt=0, le=MOST_SECONDS)
    """Wall time of all stdin/stdout tests of a program together, in seconds. One that takes longer fails if it was
    idle, and else is `unknown`."""
    packages: list[str] = []
    """Packages that programs may import beside Python's standard library, such as `numpy`, with what they depend on.
    They must be installed where Retort is. Each program that imports one pays for that with its own CPU time."""

    @field_validator("packages")
    @classmethod
    def are_installed(cls, names: list[str]) -> list[str]:
        for name in names:
            try:
                distribution(name)
            except (PackageNotFoundError, ValueError):
                raise ValueError(f"{name!r} is not installed where Retort is; install it, or leave it out") from None
        return names


class Judging(Section):
    """Settings that decide which traces are accepted."""

    require_box: bool = True
    """Demand exactly one final `\\boxed{}` in the answer."""
    min_tokens: int = Field(default=0, ge=0)
    """Reject shorter completions."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Reject completions outside these bounds."""
    repetition: RepetitionLimits | None = RepetitionLimits()
    """Reject loops and repetitions; `null` is off."""
    language: LanguageRule | None = LanguageRule()
    """Reject traces that mix languages; `null` is off."""
    reject_refusals: bool = True
    """Reject answers that decline to answer."""
    equations: EquationLimits | None = None
    """Reject traces with false equations between numbers; `null` is off. It also rejects traces with a right answer:
    docs/step_checks.md says how many."""
    decontamination: Decontamination = Decontamination()
    """Reject problems of the run's benchmarks."""
    code: CodeLimits = CodeLimits()
    """Limits of programs under test."""
    timeout_s: float = Field(default=10, gt=0, le=MOST_SECONDS)
    """Longest wall time of one verification. After it the worker process is killed and the verdict is `unknown`."""
    memory_mib: int = Field(default=4096, ge=512, le=MOST_MIB)
    """Address space of a worker process, beside what it holds before its first trace: libraries, and the texts of the
    benchmarks."""
    workers: int = Field(default=2, ge=1, le=MOST_PROCESSES)
    """Number of worker processes, and of programs under test at a time. It changes no verdict."""
