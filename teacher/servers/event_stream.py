"""Puts a streamed chat completion together from its server-sent events.

One event, and the last two with `stream_options: {include_usage: true}` (`vllm serve` 0.32):

    data: {"choices": [{"index": 0, "delta": {"content": "4"}, "finish_reason": null}]}
    data: {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 20}}
    data: [DONE]
"""

from typing import Any

from records.rows import LOOPED
from teacher.engines.repetition import EVERY_TOKENS, MAX_PERIOD, MIN_REPEATS, text_loops
from teacher.servers.chat_completion import Reply, Unreadable, parse, reply_of, text_field
from teacher.servers.chat_logprobs import content_of

CHECK_EVERY = 4 * EVERY_TOKENS
TAIL = 4 * MAX_PERIOD * MIN_REPEATS
"""The interval between checks for a loop, and the part of the text's end that is checked. Both are in characters, of
which a token has about four."""


class EventStream:
    """The part of one completion that has arrived."""

    def __init__(self, stop_loops: bool) -> None:
        self.stop_loops = stop_loops
        self.rest = bytearray()
        """The beginning of a line whose end has not arrived."""
        self.pieces: dict[str, list[str]] = {"content": [], "reasoning_content": [], "reasoning": []}
        self.finish: Any = None
        self.usage: Any = None
        self.tail, self.checked_at, self.deltas = "", 0, 0
        self.logprobs: list[Any] = []

    def feed(self, data: bytes) -> bool:
        """Take the next bytes; return True if the text loops, so that no more are needed. Errors: Unreadable for an
        event that is an error or not JSON."""
        first, *more = data.split(b"\n")
        self.rest += first  # in place, so that a line in many pieces is not copied for each of them
        for part in more:
            line, self.rest = bytes(self.rest), bytearray(part)
            event = line.removeprefix(b"data:").strip()
            if line.startswith(b"data:") and event != b"[DONE]":
                self.add(parse(event))
        return self.loops()

    def add(self, event: dict[str, Any]) -> None:
        self.usage = event.get("usage") or self.usage
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and not choice.get("index"):  # another one's text is another completion's
                self.add_choice(choice)

    def add_choice(self, choice: dict[str, Any]) -> None:
        self.finish = choice.get("finish_reason") or self.finish
        self.logprobs += content_of(choice)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            for name, pieces in self.pieces.items():
                if text := text_field(delta, name):
                    pieces.append(text)
                    if self.stop_loops:  # otherwise nothing would cut it, and each piece would copy it
                        self.tail += text
            self.deltas += 1

    def loops(self) -> bool:
        """Return True if the text has begun to repeat itself. Checks only with `stop_loops`, and only at intervals."""
        if not self.stop_loops or len(self.tail) < self.checked_at + CHECK_EVERY:
            return False
        self.tail = self.tail[-TAIL:]
        self.checked_at = len(self.tail)
        if text_loops(self.tail):
            self.finish = LOOPED
            # Usually one token per piece; the server's own count would come only after the end.
            self.usage = {"completion_tokens": len(self.logprobs) or self.deltas}
            return True
        return False

    def reply(self, thinks: bool) -> Reply:
        """Return the whole completion. Errors: Unreadable if the stream ended before a finish_reason."""
        if self.finish is None:
            raise Unreadable("the stream ended early")
        message = {name: "".join(pieces) for name, pieces in self.pieces.items()}
        choice = {"message": message, "finish_reason": self.finish, "logprobs": {"content": self.logprobs}}
        return reply_of({"choices": [choice], "usage": self.usage}, thinks)
