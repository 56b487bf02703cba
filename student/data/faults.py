"""The reasons for which a row is not trained on, and what helps against each."""

from collections.abc import Mapping

TOO_LONG = "too_long"
SPECIAL_TOKEN = "special_token"
NO_ANSWER = "no_answer"
BAD_FORMAT = "bad_format"
PROMPT_INCOMPLETE = "prompt_incomplete"
PROMPT_CHANGED = "prompt_changed"
PROMPT_TOO_LONG = "prompt_too_long"
COMPLETION_CHANGED = "completion_changed"
NO_STOP_TOKEN = "no_stop_token"
NO_LOGPROBS = "no_logprobs"
OTHER_TOKENS = "other_tokens"
OTHER_VOCABULARY = "other_vocabulary"
NO_LABEL = "no_label"

FIXES = {
    TOO_LONG: "raise training.max_length, or select shorter traces (selection.order: shortest)",
    SPECIAL_TOKEN: "its text holds a special token that this tokenizer cannot write as text, or that the model does "
    "not embed; choose another student",
    NO_ANSWER: "its last turn has no text after the reasoning; leave such rows out of the dataset",
    BAD_FORMAT: "after what the template prefills, its last turn is not one reasoning and an answer; correct "
    "the dataset, or choose a template that does not close the reasoning itself (student.template)",
    PROMPT_INCOMPLETE: "the chat template leaves out text of a turn; set student.template, or change student.prompt",
    PROMPT_CHANGED: "the tokenizer does not give back the prompt that it encoded; choose another student",
    PROMPT_TOO_LONG: "they leave no room for a completion; raise training.max_length, or lower max_completion_length",
    COMPLETION_CHANGED: "the tokenizer does not give back the completion that it encoded; choose another student",
    NO_STOP_TOKEN: "the labels do not end in the stop token, once; this is an error in Retort",
    NO_LOGPROBS: "the teacher's log-probabilities were not stored with it; set sampling.logprobs and sample anew",
    OTHER_TOKENS: "the student's tokens of its completion are not those that the teacher drew, so that their "
    "log-probabilities fit nothing; raise training.drop_at_most, or train it with method: sft",
    OTHER_VOCABULARY: "the stored token ids are of another vocabulary than the student's; take a pair with one "
    "tokenizer, or source: on_policy with align: gold",
    NO_LABEL: "none of its steps has a label; leave such solutions out of the data",
}
"""By reason."""


def too_many_dropped(dropped: Mapping[str, int], rows: int, drop_at_most: float, named: Mapping[str, str]) -> str:
    """Return why so many rows cannot be left out, and what helps; empty if they are few enough.

    `dropped` counts rows by reason, of `rows` in all. `named` names the first row of each reason.
    """
    if not rows:
        return "there is no row to train on: select some"
    lost = sum(dropped.values())
    if lost < rows and lost / rows <= drop_at_most:  # a product would round 0.29 * 100 down
        return ""
    counts = "; ".join(f"{count:,} {reason} (first: {named[reason]})" for reason, count in dropped.items())
    fix = FIXES[max(dropped, key=lambda reason: dropped[reason])]
    allowed = f"training.drop_at_most={drop_at_most}"
    return f"{lost:,} of {rows:,} rows cannot be trained on, more than {allowed}: {counts}: {fix}"
