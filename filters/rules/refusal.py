"""Rejects answers that decline in the first person, at the start or, if no answer is boxed, anywhere; and empty
boxes."""

import re
from dataclasses import dataclass

from filters.reasons import FAIL, NO_ANSWER, PASS, REFUSED
from filters.rules.rule import Setup
from filters.verifiers.extraction.boxed import boxes
from records.rows import Trace, Verdict

HELP = r"(?:help|assist|answer|provide|solve|comply|fulfill|complete|continue|do that|discuss|give)"
PHRASES = (
    rf"i(?:'m| am)? (?:can(?:'t|not| not)|could(?:n't| not)|won't|will not|unable to|not able to) (?:\w+ )?{HELP}\b",
    r"i(?:'m| am)(?: \w+){0,2} sorry,? (?:but )?(?:i|as an?|this|the|it)\b",
    r"i apologi[sz]e,? (?:but|i|for not)\b",
    r"as an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"i (?:do not|don't) (?:know|have (?:enough information|the ability|an answer))\b",
    r"(?:很|非常)?(?:抱歉|对不起|對不起|不好意思)[，, ]*(?:但|我|作为|这|無法|无法|不能)",
    r"我(?:无法|無法|不能|没有办法|不会)(?:为您|为你|直接)?(?:回答|解答|提供|帮助|完成|求解|解决|给出)",
    r"作为(?:一个|一名|一款)?(?:人工智能|ai|语言模型|大语言模型)",
    r"lo siento,? (?:pero )?(?:no|como)\b|no puedo (?:ayudar|responder|proporcionar|resolver)",
    r"(?:je suis )?désolée?,? (?:mais )?je|je ne (?:peux|sais) pas|en tant qu['’ ]?ia\b",
    r"(?:es )?tut mir leid,? (?:aber )?ich|ich kann (?:\w+ ){0,2}nicht (?:beantworten|helfen|lösen)",
    r"desculpe,? (?:mas )?(?:eu )?não|não (?:posso|consigo) (?:ajudar|responder|fornecer|resolver)",
    r"mi dispiace,? (?:ma )?non|non posso (?:aiutar|rispondere|fornire|risolvere)",
    r"извините,? (?:но )?я|я не могу (?:помочь|ответить|решить|предоставить)",
    r"申し訳(?:ありません|ございません)|お答えできません|죄송합니다|답변(?:해 드릴 수|할 수) 없",
)
"""The phrases are in the first person only: "it cannot be determined" and "no solution exists" are answers to
mathematics."""
REFUSAL = re.compile("|".join(f"(?:{phrase})" for phrase in PHRASES), re.IGNORECASE)
FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
OPENING_CHARACTERS = 200
SHORT_CHARACTERS = 2000
"""Characters that are searched, as a refusal is short. The bound also limits the time on a 500 kB answer."""


@dataclass(frozen=True)
class Refusal:
    name = "refusal"
    version = "2"

    @classmethod
    def configured(cls, setup: Setup) -> "Refusal | None":
        return cls() if setup.config.reject_refusals else None

    def judge(self, trace: Trace) -> Verdict:
        found = boxes(trace.answer)
        answer = FENCED.sub(" ", trace.answer).replace("’", "'")  # what a program prints is no refusal
        if found and not any(box.strip() for box in found):
            return Verdict(self.name, self.version, FAIL, NO_ANSWER, "empty box")
        # A boxed answer may follow a remark on what the writer could not do; an apology at the start is a bad habit.
        searched = " ".join([answer[:OPENING_CHARACTERS], *found[-1:]]) if found else answer
        match = REFUSAL.search(searched[:SHORT_CHARACTERS])
        if match:
            return Verdict(self.name, self.version, FAIL, REFUSED, match.group())
        return Verdict(self.name, self.version, PASS)
