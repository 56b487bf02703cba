"""The log-probabilities that a teacher gave to the tokens of one completion, and their form as text in a journal."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.errors import InputError

MOST_PROBABLE = 1.02
"""What the probabilities of a token's most probable tokens may add up to, rounded as they are."""
Ids = NDArray[np.int32]
Logprobs = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class TokenLogprobs:
    """Natural logarithms of the model's own probabilities: at temperature 1, over the whole vocabulary, whatever
    temperature, top_p and top_k drew the tokens. Made by samplers; stored in journals and Parquet; read by off-policy
    distillation.

    A completion of n tokens has n rows, its stop token included. A token that was put there and not drawn (the closing
    tags at a limit of thinking) has its id, and NaN for every logprob of its row with 0 for the ids.
    """

    vocabulary: str
    """`records.vocabulary.vocabulary_hash` of the tokenizer that the ids belong to; empty if it is not known."""
    token_ids: Ids
    """(n,): the tokens of the completion."""
    logprobs: Logprobs
    """(n,): of these tokens."""
    top_ids: Ids
    """(n, k): the k most probable tokens at each place, the most probable first."""
    top_logprobs: Logprobs
    """(n, k): of `top_ids`. Rounded to 11 binary digits, so that their exponentials may add up to 1.001."""

    def __post_init__(self) -> None:
        n = len(self.token_ids)
        if self.logprobs.shape != (n,) or self.top_ids.shape != self.top_logprobs.shape or len(self.top_ids) != n:
            raise ValueError("logprobs need a row for each token")

    def __len__(self) -> int:
        return len(self.token_ids)

    @property
    def k(self) -> int:
        return int(self.top_ids.shape[1])

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays)

    @property
    def arrays(self) -> tuple[Ids, Logprobs, Ids, Logprobs]:
        return self.token_ids, self.logprobs, self.top_ids, self.top_logprobs

    def first(self, k: int) -> "TokenLogprobs":
        """Keep the k most probable tokens of each place. Errors: ValueError if there are fewer."""
        if k > self.k:
            raise ValueError(f"there are {self.k} for each token, not {k}")
        return TokenLogprobs(
            self.vocabulary, self.token_ids, self.logprobs, self.top_ids[:, :k], self.top_logprobs[:, :k]
        )

    @property
    def fault(self) -> str:
        """Why no model gives these numbers, after "logprobs"; empty if one may. Rows of NaN are of tokens that were put
        there."""
        if bool((self.token_ids < 0).any() or (self.top_ids < 0).any()):
            return "of tokens below 0"
        if bool(np.isinf(self.logprobs).any() or np.isinf(self.top_logprobs).any()):
            return "that are infinite"
        unknown = np.isnan(self.top_logprobs)
        given = ~unknown.any(axis=1)
        if not (given | unknown.all(axis=1)).all():
            return "that are missing for some of a token's most probable ones"
        with np.errstate(over="ignore"):
            total = np.exp(self.top_logprobs[given].astype(np.float32)).sum(axis=1)
            if bool((total > MOST_PROBABLE).any() or (np.exp(self.logprobs) > MOST_PROBABLE).any()):
                return "of probabilities above 1"
        ordered = np.sort(self.top_ids[given], axis=1)
        return "that name a token twice" if bool((ordered[:, 1:] == ordered[:, :-1]).any()) else ""

    @property
    def is_known(self) -> bool:
        """Return True if some token has a most probable one."""
        return bool(self.k and not np.isnan(self.top_logprobs).all())

    def row(self) -> dict[str, Any]:
        """Return the value of the column `records.parquet.LOGPROBS`."""
        return {
            "vocabulary": self.vocabulary,
            "token_ids": self.token_ids,
            "logprobs": self.logprobs,
            "top_ids": self.top_ids.reshape(-1),
            "top_logprobs": self.top_logprobs.reshape(-1),
        }

    def to_text(self) -> str:
        """Return one line: n, k and vocabulary, then the four arrays, little-endian, in base64."""
        packed = b"".join(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for array in self.arrays)
        return f"{len(self)} {self.k} {self.vocabulary} {base64.b64encode(packed).decode()}"


def from_text(text: str) -> TokenLogprobs:
    """Invert `to_text`. Errors: InputError for anything else."""
    try:
        n, k, vocabulary, packed = text.split(" ")
        return unpacked(vocabulary, int(n), int(k), base64.b64decode(packed, validate=True))
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"broken logprobs in a journal ({error})") from error


def unpacked(vocabulary: str, n: int, k: int, packed: bytes) -> TokenLogprobs:
    shapes: list[tuple[str, tuple[int, ...]]] = [("<i4", (n,)), ("<f2", (n,)), ("<i4", (n, k)), ("<f2", (n, k))]
    arrays: list[Any] = []
    at = 0
    for dtype, shape in shapes:
        count = int(np.prod(shape))
        arrays.append(np.frombuffer(packed, dtype, count, at).reshape(shape))
        at += count * np.dtype(dtype).itemsize
    if at != len(packed):
        raise ValueError(f"{len(packed)} bytes for {n} tokens")
    return TokenLogprobs(vocabulary, *arrays)


def of_lists(vocabulary: str, token_ids: Any, logprobs: Any, top_ids: Any, top_logprobs: Any) -> TokenLogprobs:
    """Make them of sequences: n, n, n times k, n times k; the last two flat or nested. Errors: ValueError for numbers
    of values that do not fit together, ids of more than 32 bits, and values that are no numbers."""
    n = len(token_ids)
    ids, tops = np.array(token_ids, np.int32).reshape(n), np.array(top_ids, np.int32)
    k = tops.size // n if n else 0
    return TokenLogprobs(
        vocabulary,
        ids,
        half(logprobs).reshape(n),
        tops.reshape(n, k),
        half(top_logprobs).reshape(n, k),
    )


def half(logprobs: Any) -> Logprobs:
    """Round to float16, with what is below its range at its lowest number: an infinity would make every KL infinite."""
    lowest = float(np.finfo(np.float16).min)
    return np.maximum(np.array(logprobs, np.float64), lowest).astype(np.float16)


def put_there(vocabulary: str, token_ids: Any, k: int) -> TokenLogprobs:
    """Return the rows of tokens that the model did not draw."""
    n = len(token_ids)
    ids, unknown = np.array(token_ids, np.int32).reshape(n), np.float16(np.nan)
    return TokenLogprobs(
        vocabulary, ids, np.full(n, unknown), np.zeros((n, k), np.int32), np.full((n, k), unknown, np.float16)
    )


def joined(parts: Iterable[TokenLogprobs]) -> TokenLogprobs:
    """Put the rows of parts that follow each other together. Errors: ValueError for parts of different vocabularies or
    numbers of top tokens, and for no part."""
    some = list(parts)
    if len({(part.vocabulary, part.k) for part in some}) != 1:
        raise ValueError("only parts with one vocabulary and one number of top tokens can be joined")
    if len(some) == 1:
        return some[0]
    columns: list[Any] = [np.concatenate(arrays) for arrays in zip(*(part.arrays for part in some), strict=True)]
    return TokenLogprobs(some[0].vocabulary, *columns)
