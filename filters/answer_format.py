"""A closed reasoning, an answer after it, and one final box where the config asks for it. A program needs none."""

from dataclasses import dataclass

from filters.extraction.boxed import boxes
from filters.reasons import BAD_FORMAT, FAIL, NO_ANSWER, PASS, TOO_LONG, TRUNCATED
from records.rows import CODE, CUT_OFF, PROMPT_TOO_LONG, Trace, Verdict


@dataclass(frozen=True)
class AnswerFormat:
    require_box: bool
    name = "answer_format"
    version = "2"

    def judge(self, trace: Trace) -> Verdict:
        reason, detail = self.fault(trace)
        return Verdict(self.name, self.version, FAIL if reason else PASS, reason, detail)

    def fault(self, trace: Trace) -> tuple[str, str]:
        if trace.finish_reason == PROMPT_TOO_LONG:
            return TOO_LONG, f"prompt of {trace.prompt_tokens} tokens"
        if trace.finish_reason == CUT_OFF:
            return TRUNCATED, f"{trace.completion_tokens} tokens"
        if not trace.closed:
            return BAD_FORMAT, "reasoning never closed"
        if not trace.answer:
            return NO_ANSWER, "nothing after the reasoning"
        found = len(boxes(trace.answer))
        if self.require_box and trace.verifier != CODE and found != 1:
            return (BAD_FORMAT, f"{found} boxes") if found else (NO_ANSWER, "no box")
        return "", ""
