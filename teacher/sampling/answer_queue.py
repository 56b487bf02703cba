"""A queue beside the sampling: what it is given is answered in batches, in a thread, while more is drawn."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Item = TypeVar("Item")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class AnswerQueue(Generic[Item, Asked, Answer]):
    """Takes questions, each with an item of the caller's, and returns the items with the answers."""

    def __init__(self, answer: Callable[[list[Asked]], list[Answer]] | None, most: int) -> None:
        """`answer` is called with at most `most` questions, from one thread at a time, and may take long; None if
        nothing will be asked."""
        self.answer, self.most = answer, most
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[tuple[Item, Asked]] = []
        self.sent: list[tuple[Item, Asked]] = []
        self.answers: Future[list[Answer]] | None = None

    def __len__(self) -> int:
        """Return the number of questions without an answer."""
        return len(self.waiting) + len(self.sent)

    def submit(self, item: Item, asked: Asked) -> None:
        self.waiting.append((item, asked))
        self.send()

    def send(self) -> None:
        if self.answer and self.answers is None and self.waiting:
            self.sent, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
            self.answers = self.thread.submit(self.answer, [asked for _, asked in self.sent])

    def finished(self, wait_s: float | None) -> list[tuple[Item, Answer]]:
        """Return the answers that are ready within `wait_s` seconds; None blocks until there are some. Errors: those of
        `answer`."""
        if self.answers is None:
            return []
        wait([self.answers], wait_s)
        if not self.answers.done():
            return []
        answered = [(item, answer) for (item, _), answer in zip(self.sent, self.answers.result(), strict=True)]
        self.answers, self.sent = None, []
        self.send()
        return answered

    def close(self) -> None:
        self.thread.shutdown(wait=False, cancel_futures=True)
