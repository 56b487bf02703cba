"""Requires a closed reasoning, an answer after it, and one final box if the config asks for it. A program needs no
box."""

from dataclasses import dataclass

from filters.reasons import BAD_FORMAT, FAIL, NO_ANSWER, PASS, REPETITIVE, REQUEST_FAILED, TOO_LONG, TRUNCATED
from filters.rules.rule import Setup
from filters.verifiers.extraction.boxed import boxes
from records.rows import CODE, CUT_OFF, FAILED, LOOPED, PROMPT_TOO_LONG, Trace, Verdict

ENDS = {
    PROMPT_TOO_LONG: TOO_LONG,
    CUT_OFF: TRUNCATED,
    LOOPED: REPETITIVE,
    FAILED: REQUEST_FAILED,
    "content_filter": TRUNCATED,
    "tool_calls": BAD_FORMAT,
}
"""Maps the finish_reason of a trace that has no complete answer to the reason of its rejection. The last two are hosted
APIs': a filter of theirs cut the text, or the text is followed by calls of tools."""


@dataclass(frozen=True)
class AnswerFormat:
    require_box: bool
    name = "answer_format"
    version = "4"

    @classmethod
    def configured(cls, setup: Setup) -> "AnswerFormat":
        return cls(setup.config.require_box)

    def judge(self, trace: Trace) -> Verdict:
        reason, detail = self.fault(trace)
        return Verdict(self.name, self.version, FAIL if reason else PASS, reason, detail)

    def fault(self, trace: Trace) -> tuple[str, str]:
        if trace.finish_reason in ENDS:
            tokens = f"{trace.prompt_tokens} + {trace.completion_tokens} tokens"
            return ENDS[trace.finish_reason], trace.detail or tokens
        if not trace.closed:
            return BAD_FORMAT, "reasoning never closed"
        if not trace.answer:
            return NO_ANSWER, "nothing after the reasoning"
        found = len(boxes(trace.answer))
        if self.require_box and trace.verifier != CODE and found != 1:
            return (BAD_FORMAT, f"{found} boxes") if found else (NO_ANSWER, "no box")
        return "", ""
