"""Requires one natural language at a time: the answer in the prompt's, the reasoning in the prompt's or an allowed one.

py3langid (naive Bayes over byte n-grams, 142 languages, offline) identifies chunks of words; a script that only one
language uses is identified by its letters. Mathematics and code are not a language and are cut out first.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from configs.judging import LanguageRule
from filters.reasons import FAIL, MIXED_LANGUAGE, PASS
from filters.rules.rule import Setup
from records.rows import Trace, Verdict

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FORMULA = re.compile(
    r"\\(?:begin|end|operatorname|math[a-z]+)\s*\{[^{}]{0,40}\}|\\[A-Za-z]+"  # LaTeX
    r"|https?://\S+|\b\w*[\d_]\w*\b"  # links, numbers and names with digits
    r"|\b[A-Za-z]+\(|\b[A-Za-z]\b"  # asin(, variables
    r"|(?<![\u0370-\u03ff])[\u0370-\u03ff]{1,3}(?![\u0370-\u03ff])"  # αβ
)
CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA, HANGUL = r"\u3040-\u30ff", r"\uac00-\ud7a3"
RUN = re.compile(
    rf"(?P<ja>[{CHINESE}]*[{KANA}][{CHINESE}{KANA}]*)|(?P<zh>[{CHINESE}]+)|(?P<ko>[{HANGUL}]+)|(?P<other>[^\W\d_]+)"
)
CHARACTERS_PER_WORD = 2
"""Chinese and Japanese write no spaces: two characters count as one word (the mean length of a Chinese word)."""
CHUNK_WORDS = 40
MIN_CHUNK_WORDS = 12
"""A chunk of fewer words is not identified, because names and terms mislead py3langid. Of 31,229 chunks of 12 to 60
words from English traces 28 were not labelled `en`; 25 of those were `pcm`, see LABELS."""
MIN_CONFIDENCE = 0.5
LABELS = {"pcm": "en", "wuu": "zh", "yue": "zh", "nb": "no", "nn": "no", "zxx": ""}
"""Dialects count as the written standard: py3langid takes terse English for Nigerian Pidgin. `zxx` is no language."""


@dataclass(frozen=True)
class Language:
    rule: LanguageRule
    name = "language"
    version = "2"

    @classmethod
    def configured(cls, setup: Setup) -> "Language | None":
        return cls(setup.config.language) if setup.config.language else None

    def judge(self, trace: Trace) -> Verdict:
        prompt = expected_of(trace.prompt) if self.rule.expected is None else frozenset(self.rule.expected)
        parts = [("reasoning", trace.reasoning, prompt | set(self.rule.reasoning)), ("answer", trace.answer, prompt)]
        for part, text, allowed in parts:
            shares = word_counts(text)
            # A prompt of too few words has no language, so the main language of the text itself takes its place.
            expected = allowed if prompt else allowed | {language for language, _ in shares.most_common(1)}
            foreign = shares.total() - sum(shares[language] for language in expected)
            if foreign >= self.rule.min_foreign_words and foreign / shares.total() > self.rule.max_foreign_share:
                found = ", ".join(
                    f"{language} {count / shares.total():.0%}" for language, count in shares.most_common(3)
                )
                return Verdict(self.name, self.version, FAIL, MIXED_LANGUAGE, f"{part}: {found}")
        return Verdict(self.name, self.version, PASS)


@lru_cache(maxsize=4096)
def expected_of(prompt: str) -> frozenset[str]:
    """Return the languages that make up at least a fifth of a prompt: a problem in one may quote another."""
    counts = word_counts(prompt)
    return frozenset(language for language, count in counts.items() if count >= counts.total() / 5)


def prose(text: str) -> str:
    """Return the text without code fences, LaTeX, links, numbers and single letters."""
    return FORMULA.sub(" ", " ".join(text.split("```")[::2]))


def word_counts(text: str) -> Counter[str]:
    """Count the words of each language, without those of unidentified chunks. Linear in the length of the text."""
    counts: Counter[str] = Counter()
    alphabetic: list[str] = []
    for match in RUN.finditer(prose(text)):
        script, run = match.lastgroup, match.group()
        if script in ("zh", "ja"):
            counts[script] += len(run) / CHARACTERS_PER_WORD  # type: ignore[assignment]
        elif script == "ko":
            counts["ko"] += 1
        elif not (run.isupper() and run.isascii()):  # capitals such as ABC name a triangle
            alphabetic.append(run[:40])
    if counts["ja"] > counts["zh"] / 10:  # Japanese mixes both scripts; Chinese never writes kana
        counts["ja"] += counts.pop("zh", 0)
    for script_words in by_script(alphabetic):
        for start in range(0, len(script_words), CHUNK_WORDS):
            chunk = script_words[start : start + CHUNK_WORDS]
            language = identify(" ".join(chunk)) if len(chunk) >= MIN_CHUNK_WORDS else ""
            if language:
                counts[language] += len(chunk)
    return +counts


def by_script(words: list[str]) -> list[list[str]]:
    """Separate Latin words from those of other alphabets, each in order, so that no chunk mixes two."""
    latin = [word for word in words if word[0] < "\u0370"]
    return [latin, [word for word in words if word[0] >= "\u0370"]]


@lru_cache(maxsize=1)
def identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)  # takes 0.6 s and 130 MB


def identify(text: str) -> str:
    """Return the ISO code of the language, or an empty text if py3langid is not sure."""
    language, confidence = identifier().classify(text)
    return LABELS.get(language, language) if confidence >= MIN_CONFIDENCE else ""
