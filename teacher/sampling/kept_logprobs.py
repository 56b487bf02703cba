"""Which logprobs a trace keeps: one row for each of its tokens, or none at all."""

from records.logprobs import TokenLogprobs, joined
from records.requests import Completion
from teacher.sampling.drawn import Drawn


def kept_logprobs(completion: Completion, drawn: Drawn, begun: TokenLogprobs | None) -> TokenLogprobs | None:
    """Return the logprobs of a whole trace; `begun` are those of the trace that the completion continues.

    None if none were asked for, and if there are not as many rows as the trace has tokens, or not as many tokens in
    each as were asked for: nobody could say then to which token a row belongs.
    """
    asked, found = completion.request.settings.logprobs, completion.logprobs
    if asked is None or found is None:
        return None
    if completion.request.prefix:
        if begun is None or (begun.vocabulary, begun.k) != (found.vocabulary, found.k):
            return None
        found = joined([begun, found])
    return fitting(found, drawn.completion_tokens, asked)


def fitting(found: TokenLogprobs | None, tokens: int, asked: int) -> TokenLogprobs | None:
    """Return the first `asked` of each row if there are `tokens` rows with so many; otherwise None."""
    if found is None or len(found) != tokens or not tokens or found.k < asked:
        return None
    return found.first(asked)
