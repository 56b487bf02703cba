"""Bounds the memory that reading a Parquet file takes, before it is read: a dictionary page of 2 MB stands for 2 GB of
rows if all of them refer to its one text."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from mmap import mmap
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from records.errors import InputError
from records.parquet_pages import Page, pages_of

BATCH_ROWS = (1024, 512, 128, 32, 8, 2, 1)
"""Rows read at a time: the most that surely fit into `MOST_MIB`. A 32k-token trace takes about 120 kB, so 1,024 rows
take at most about 120 MB; reading 512 at a time takes hardly longer than 1,024, reading 64 twice as long."""
MOST_MIB = 1024
"""MiB that a batch of rows may take when it is read."""
PIECE_MIB = 64
"""MiB of the rows that become Python objects at a time, which take several times as much."""
MOST_ROW_MIB = 512
"""MiB of one row. The tests of one problem of LiveCodeBench take some 100 MB."""
SLOT = 16
"""Bytes that a value takes at most beside its text: levels, offset and validity, or a number."""
DELTA_BYTE_ARRAY = 7
"""The encoding in which a value repeats the beginning of the one before it."""
CODECS = ("zstd", "snappy", "gzip", "brotli", "lz4_raw")
LOOKED_INTO = 16 << 20
"""Largest dictionary page that is unpacked to find its longest text."""


@dataclass
class Chunk:
    """A column of a row group, as its pages describe it. Made by `chunks_of`; read by `rows_within`."""

    file: mmap
    pages: list[Page]
    is_nested: bool
    """True if a row may hold several values."""
    is_text: bool
    width: int
    """Bytes of a value of fixed length, nulls included; 0 for all others."""

    @cached_property
    def dictionary_bytes(self) -> int:
        """An upper bound on the longest text that a value may refer to; 0 for numbers."""
        if not self.is_text:
            return 0
        if any(page.encoding == DELTA_BYTE_ARRAY for page in self.pages):
            return sum(page.bytes for page in self.pages)
        return sum(page.bytes for page in self.pages if page.is_dictionary)

    @cached_property
    def longest(self) -> int:
        """The longest text that a value may refer to. It takes as long as unpacking the dictionary."""
        dictionaries = [page for page in self.pages if page.is_dictionary]
        if not self.is_text or len(dictionaries) != 1 or self.dictionary_bytes > LOOKED_INTO:
            return self.dictionary_bytes
        page = dictionaries[0]
        packed = self.file[page.start : page.start + page.packed]
        return max((longest_text(texts) for texts in unpacked(packed, page.bytes)), default=self.dictionary_bytes)

    def most_bytes(self, rows: int, text: int) -> int:
        """Return the most bytes that so many successive rows take if a value refers to a text of `text` bytes."""
        data = [page for page in self.pages if not page.is_dictionary]
        value = SLOT + self.width + text
        whole = sum(page.bytes + page.values * value for page in data)
        return whole if self.is_nested else min(whole, largest_window(data, rows) + rows * value)


def largest_window(pages: list[Page], rows: int) -> int:
    """Return the bytes of the largest successive pages of which so many successive rows may take part."""
    largest = total = inner = first = 0
    for last, page in enumerate(pages):
        total += page.bytes
        if last - first > 1:
            inner += pages[last - 1].values
        while inner > rows - 2 and last > first:
            total -= pages[first].bytes
            first += 1
            inner -= pages[first].values if first < last else inner
        largest = max(largest, total)
    return largest


def unpacked(packed: bytes, size: int) -> Iterator[bytes]:
    """Yield every text that a page may stand for. Asking pyarrow which codec the file names ends the process if the
    file names none that exists."""
    if len(packed) == size:
        yield packed
    for codec in CODECS:
        with suppress(pa.ArrowException, OSError, ValueError):
            yield bytes(pa.decompress(packed, size, codec))


def longest_text(page: bytes) -> int:
    """Return the longest text of a dictionary page: each is four bytes of length, then the text. What is no such page
    has a longest text too."""
    at = longest = 0
    while at + 4 <= len(page):
        (length,) = struct.unpack_from("<I", page, at)
        longest = max(longest, min(length, len(page)))
        at += 4 + length
    return longest


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values, of which structs and lists have several. Made by `columns_of`; read by `chunks_of`."""

    at: int
    is_nested: bool
    width: int


def columns_of(metadata: pq.FileMetaData, names: list[str] | None) -> list[Column]:
    """Return the columns that belong to these names; all of them if None."""
    found = []
    for at in range(metadata.num_columns):
        column = metadata.schema.column(at)
        path = column.path
        if names is None or any(path == name or path.startswith(f"{name}.") for name in names):
            is_fixed = column.physical_type == "FIXED_LEN_BYTE_ARRAY"
            found.append(Column(at, column.max_repetition_level > 0, column.length if is_fixed else 0))
    return found


def chunks_of(file: mmap, group: pq.RowGroupMetaData, columns: Iterable[Column]) -> Iterator[Chunk]:
    """Yield the columns of a row group. Errors: BrokenPages."""
    for column in columns:
        chunk = group.column(column.at)
        start = chunk.data_page_offset
        if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
            start = chunk.dictionary_page_offset
        pages = list(pages_of(file, start, start + chunk.total_compressed_size, chunk.num_values))
        is_text = chunk.physical_type == "BYTE_ARRAY"
        yield Chunk(file, pages, column.is_nested, is_text, column.width)


def rows_within(chunks: Iterable[Chunk]) -> int | None:
    """Return how many rows may be read at a time so that they take `MOST_MIB` at most; None if no number is sure to."""
    chunks, limit, most = list(chunks), MOST_MIB << 20, BATCH_ROWS[0]
    sizes = [chunk.most_bytes(most, chunk.dictionary_bytes) for chunk in chunks]
    taken = sum(sizes)
    for chunk, size in sorted(zip(chunks, sizes, strict=True), key=lambda pair: -pair[1]):
        if taken <= limit:
            return most
        taken += chunk.most_bytes(most, chunk.longest) - size  # unpacks the dictionary, the largest ones first
    for rows in BATCH_ROWS:
        if sum(chunk.most_bytes(rows, chunk.longest) for chunk in chunks) <= limit:
            return rows
    return None


def pieces_of(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in pieces of at most `PIECE_MIB`. Errors: InputError for a row over `MOST_ROW_MIB`."""
    odd = (column for kind, column in zip(batch.schema.types, batch.columns, strict=True) if not is_plain(kind))
    taken = batch.nbytes + sum(map(beyond_buffers, odd))
    if taken <= PIECE_MIB << 20:
        yield batch
    elif batch.num_rows > 1:
        half = batch.num_rows // 2
        yield from pieces_of(batch.slice(0, half))
        yield from pieces_of(batch.slice(half))
    elif taken <= MOST_ROW_MIB << 20:
        yield batch
    else:
        raise InputError(f"a row takes {taken >> 20:,} MiB, of {MOST_ROW_MIB} at most; shorten or remove it")


@cache
def is_plain(kind: pa.DataType) -> bool:
    """Return True if values take the bytes of their buffers and no more."""
    return not (pa.types.is_nested(kind) or pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType))


def beyond_buffers(array: Any) -> int:
    """Return what the values of an array take beside its buffers: `SLOT` bytes for every element of a list, and the
    texts to which those of a dictionary refer."""
    kind = array.type
    if is_plain(kind):
        return 0
    if isinstance(kind, pa.BaseExtensionType):
        return beyond_buffers(array.storage)
    if pa.types.is_dictionary(kind):
        return texts_of(array)
    if pa.types.is_struct(kind) and all(is_plain(field.type) for field in kind):
        return len(array) * SLOT * kind.num_fields
    return sum(SLOT * len(part) + beyond_buffers(part) for part in parts_of(array))


def parts_of(array: Any) -> list[Any]:
    """Return the arrays that make up a nested one: its fields, its elements, or its keys and values."""
    if pa.types.is_struct(array.type):
        return list(array.flatten())
    if not pa.types.is_map(array.type):
        return [array.flatten()]
    first, last = array.offsets[0].as_py(), array.offsets[-1].as_py()
    return [part.slice(first, last - first) for part in (array.keys, array.items)]


def texts_of(array: pa.DictionaryArray) -> int:
    texts = array.dictionary
    if not (pa.types.is_large_string(texts.type) or pa.types.is_string(texts.type) or pa.types.is_binary(texts.type)):
        return len(array) * (SLOT + texts.nbytes)
    return pc.sum(pc.take(pc.binary_length(texts), array.indices)).as_py() or 0
