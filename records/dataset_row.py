"""Rows of a dataset (`records.schemas.DATASET`) that were not sampled here, so that no request leads back to them."""

from typing import Any


def unsampled_row(
    messages: list[dict[str, str]],
    problem_id: str,
    source: str,
    *,
    sample_index: int = 0,
    reference: str = "",
    teacher: str = "",
) -> dict[str, Any]:
    """Return a row of the first pass, without a request and a token count. The last of `messages` is the
    assistant's."""
    return {
        "messages": messages,
        "problem_id": problem_id,
        "attempt": 0,
        "sample_index": sample_index,
        "request_fingerprint": "",
        "reference": reference,
        "source": source,
        "teacher": teacher,
        "completion_tokens": 0,
        "by_second_opinion": None,
    }
