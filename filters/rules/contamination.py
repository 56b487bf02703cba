"""Rejects problems of a benchmark: by exact match, by a long run of shared words, or for short texts by edit
similarity."""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from configs.judging import Decontamination
from filters.reasons import CONTAMINATED, FAIL, PASS
from filters.rules.rule import Setup
from records.rows import Trace, Verdict

TOKEN = re.compile(r"\d+(?:\.\d+)?|[぀-ヿ㐀-鿿]|[^\W\d_]+|[-+*/^=<>]")
HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
"""Soft hyphens, zero-width characters and marks of direction, as texts from the web hold them within words."""
SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "÷": "/", "≤": "<", "≥": ">"})
SHORT = 8
"""A text of fewer words has no 8-gram, so open-r1's decontamination could never flag it."""
QUOTED = 200
LONGEST_SIMILAR = 2000
"""Characters of a short text beyond which only an exact match counts: edit similarity takes time with the square."""
Tokens = tuple[str, ...]
Place = tuple[int, int]
"""The index of a benchmark's problem, and the position in it at which an n-gram begins."""


@dataclass(frozen=True)
class Benchmark:
    """One benchmark's problems, indexed for exact, n-gram and short-text matches."""

    name: str
    problems: list[Tokens]
    exact: dict[str, int]
    ngrams: dict[int, dict[int, list[Place]]]
    short: dict[Tokens, list[str]]


# 13 words as in GPT-3 (arXiv 2005.14165, appendix C), over half of the benchmark's text as in Tülu 3 (arXiv 2411.15124,
# section 3.2: 8-grams, 50 %). GPT-3 also dropped n-grams that occur too often (there 10 documents of the training set)
# as common wording. Here an n-gram occurs too often if it is in more than `max_shared` problems of the benchmark
# itself, apart from numbers and signs: "where m and n are relatively prime positive integers, find m + n" is no
# evidence, and neither is the wording of generated problems, whose numbers are the problem.
@dataclass(frozen=True)
class Contamination:
    rule: Decontamination
    benchmarks: list[Benchmark]
    verdicts: dict[str, Verdict] = field(default_factory=dict, compare=False, repr=False)
    """Verdicts of this process by problem: a problem's traces share one."""
    name = "contamination"
    version = "3"

    @classmethod
    def configured(cls, setup: Setup) -> "Contamination":
        return contamination(setup.config.decontamination, setup.benchmarks)

    def judge(self, trace: Trace) -> Verdict:
        if trace.problem_id not in self.verdicts:
            detail = self.match(trace.prompt)
            verdict = Verdict(self.name, self.version, FAIL if detail else PASS, CONTAMINATED if detail else "", detail)
            self.verdicts[trace.problem_id] = verdict
        return self.verdicts[trace.problem_id]

    def match(self, prompt: str) -> str:
        """Return `benchmark: rule: matched text` of the strongest match, or an empty text if there is none."""
        if not self.benchmarks:
            return ""
        tokens = tokens_of(prompt)
        for benchmark in self.benchmarks:
            if exact_key(tokens, prompt) in benchmark.exact:
                return f"{benchmark.name}: exact: {' '.join(tokens)[:QUOTED]}"
        for benchmark in self.benchmarks:
            found = self.similar(tokens, benchmark) if len(tokens) < SHORT else self.overlapping(tokens, benchmark)
            if found:
                return f"{benchmark.name}: {found}"
        return ""

    def similar(self, tokens: Tokens, benchmark: Benchmark) -> str:
        text = " ".join(tokens)
        for other in benchmark.short.get(numbers_of(tokens), []) if len(text) <= LONGEST_SIMILAR else ():
            matcher = SequenceMatcher(None, text, other, autojunk=False)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < self.rule.min_similarity:
                continue
            if matcher.ratio() >= self.rule.min_similarity:
                return f"similar {matcher.ratio():.2f}: {other[:QUOTED]}"
        return ""

    def overlapping(self, tokens: Tokens, benchmark: Benchmark) -> str:
        covered: dict[int, set[int]] = defaultdict(set)
        for n, places in benchmark.ngrams.items():
            for found in dict.fromkeys(digest(ngram) for _, ngram in ngrams_of(tokens, n)):
                for problem, start in places.get(found, []):
                    covered[problem].update(range(start, start + n))
        for problem, words in sorted(covered.items(), key=lambda item: -len(item[1])):
            whole = benchmark.problems[problem]
            if len(words) >= self.rule.min_coverage * len(whole):
                text = " ".join(whole[position] for position in sorted(words))
                return f"{min(self.rule.ngram, len(whole))}-gram {len(words) / len(whole):.0%}: {text[:QUOTED]}"
        return ""


def contamination(rule: Decontamination, benchmarks: dict[str, list[str]]) -> Contamination:
    """Build the filter against the prompts of every benchmark, which `benchmarks` maps by name."""
    return Contamination(rule, [index(name, prompts, rule) for name, prompts in benchmarks.items()])


def index(name: str, prompts: list[str], rule: Decontamination) -> Benchmark:
    problems = [tokens_of(prompt) for prompt in prompts]
    exact = {exact_key(tokens, prompt): at for at, (tokens, prompt) in enumerate(zip(problems, prompts, strict=True))}
    short: dict[Tokens, list[str]] = defaultdict(list)
    shared: Counter[int] = Counter()
    for tokens in problems:
        if len(tokens) < SHORT:
            short[numbers_of(tokens)].append(" ".join(tokens))
        shared.update({digest(masked(ngram)) for _, ngram in ngrams_of(tokens, min(rule.ngram, len(tokens)))})
    ngrams: dict[int, dict[int, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for at, tokens in enumerate(problems):
        n = min(rule.ngram, len(tokens))
        for start, ngram in ngrams_of(tokens, n) if n >= SHORT else ():
            if shared[digest(masked(ngram))] <= rule.max_shared:
                ngrams[n][digest(ngram)].append((at, start))
    return Benchmark(name, problems, exact, {n: dict(places) for n, places in ngrams.items()}, dict(short))


def tokens_of(text: str) -> Tokens:
    """Return words, numbers and signs, with case, width, dashes and LaTeX's two sizes of fraction folded, and without
    characters that nobody sees."""
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold().translate(SIGNS)
    return tuple(TOKEN.findall(HYPHEN.sub(" ", folded.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac"))))


def exact_key(tokens: Tokens, prompt: str) -> str:
    """Join the words, so that spaces and apostrophes do not matter, but keep numbers apart. Return the prompt if it
    has no tokens."""
    return "".join(token if token.isalpha() else f" {token} " for token in tokens) or prompt


def numbers_of(tokens: Tokens) -> Tokens:
    """Return the tokens that must be equal for two short texts to be one problem: 2 + 2 is not 2 - 2."""
    return tuple(token for token in tokens if not token.isalpha())


def digest(tokens: Tokens) -> int:
    """Return a 64-bit hash that is the same in every process, unlike Python's own hash of a text."""
    return int.from_bytes(hashlib.blake2b(" ".join(tokens).encode(), digest_size=8).digest(), "big")


def masked(tokens: Tokens) -> Tokens:
    return tuple(token if token.isalpha() else "#" for token in tokens)


def ngrams_of(tokens: Tokens, n: int) -> Iterator[tuple[int, Tokens]]:
    return ((start, tokens[start : start + n]) for start in range(len(tokens) - n + 1))
