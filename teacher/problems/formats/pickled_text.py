"""Reads a text that was pickled, compressed and written in base64, without ever running what a pickle can run."""

import base64
import binascii
import io
import pickle
import zlib
from typing import Any, NoReturn

MOST_BYTES = 1 << 30
"""Bytes of the pickle after decompression. The largest tests of LiveCodeBench take some 100 MB."""


class UnsafePickle(ValueError):
    """The pickle is more than a text, is damaged, or would not fit into memory."""


class TextUnpickler(pickle.Unpickler):
    """Builds only what needs no name: a pickle runs code by naming a function or class, and here no name is found."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnsafePickle(f"it names {module}.{name}, which a text does not need")

    def persistent_load(self, identity: Any) -> NoReturn:
        raise UnsafePickle("it refers to an object outside itself")


def unpickled_text(encoded: str) -> str:
    """Return the pickled text. Errors: UnsafePickle for anything else."""
    try:
        compressed = base64.b64decode(encoded, validate=True)
        decompressor = zlib.decompressobj()
        pickled = decompressor.decompress(compressed, MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise UnsafePickle(f"it is not base64 of compressed data: {error}") from None
    if decompressor.unconsumed_tail or not decompressor.eof:
        raise UnsafePickle(f"it is cut off, or larger than {MOST_BYTES >> 20} MiB")
    try:
        value = TextUnpickler(io.BytesIO(pickled)).load()
    except UnsafePickle:
        raise
    except Exception as error:  # a damaged pickle may raise nearly anything
        raise UnsafePickle(f"it is damaged: {type(error).__name__}: {error}") from None
    if not isinstance(value, str):
        raise UnsafePickle(f"it holds a {type(value).__name__}, not a text")
    return value
