"""Reads the headers of a Parquet file's pages, which say how much memory reading them takes. The file's own metadata
says so as well, but may lie; a reader goes by the headers.

A header is a Thrift struct in the compact protocol (github.com/apache/parquet-format, src/main/thrift/parquet.thrift;
github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
MOST_NESTED, MOST_HEADER = 8, 16 << 20
FIRST_READ = 256
TYPE, UNPACKED, PACKED, DATA, DICTIONARY, DATA_V2 = 1, 2, 3, 5, 7, 8
"""Fields of a header: `type`, `uncompressed_page_size`, `compressed_page_size`, and a struct for each kind of page."""
DICTIONARY_PAGE = 2
ENCODING = {DATA: 2, DATA_V2: 4}
"""The field that holds the encoding, in the struct of each kind of page."""


class BrokenPages(ValueError):
    """A header cannot be read, or names more than the file has."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a column. Made by `pages_of`; read by `records.parquet_bounds`."""

    is_dictionary: bool
    bytes: int
    """Its size when it is unpacked."""
    values: int
    """Values that it holds, nulls and the elements of lists included."""
    encoding: int
    start: int
    """Where its content begins in the file."""
    packed: int
    """Bytes of its content in the file."""


def pages_of(file: mmap, start: int, end: int, values: int) -> Iterator[Page]:
    """Yield the pages between two places in a file that a column chunk of so many values takes. Errors: BrokenPages."""
    if not 0 <= start <= end <= len(file):
        raise BrokenPages("a column lies outside of the file")
    at, seen = start, 0
    while at < end:
        page = page_at(file, at, end)
        if page is None:
            if seen >= values:
                return
            raise BrokenPages(f"the page at byte {at:,} has no sound header")
        seen += page.values
        yield page
        at = page.start + page.packed


def page_at(file: mmap, at: int, end: int) -> Page | None:
    """Return the page whose header begins at a place; None if none does."""
    size = FIRST_READ
    while True:
        data = file[at : min(at + size, end)]
        try:
            header, length = struct_at(data, 0)
            return page_of(header, at + length, end)
        except IndexError:  # statistics may hold long texts
            if len(data) < size or size >= MOST_HEADER:
                return None
            size *= 16
        except (KeyError, TypeError):
            return None


def page_of(header: dict[int, Any], start: int, end: int) -> Page | None:
    """Return the page whose content starts at a place; None if it cannot be one."""
    unpacked, packed = header[UNPACKED], header[PACKED]
    if unpacked < 0 or not 0 <= packed <= end - start:
        return None
    is_dictionary = header[TYPE] == DICTIONARY_PAGE
    kind = DATA if DATA in header else DATA_V2
    if is_dictionary or kind not in header:  # an index page holds nothing
        return Page(is_dictionary, unpacked, 0, 0, start, packed)
    values = header[kind][1]
    return Page(False, unpacked, values, header[kind][ENCODING[kind]], start, packed) if values >= 0 else None


def struct_at(data: bytes, at: int, nested: int = 0) -> tuple[dict[int, Any], int]:
    """Read a struct as its numbers and structs by field, and where it ends; other fields are passed over. Errors:
    IndexError where the data end first, TypeError where they are no header."""
    fields: dict[int, Any] = {}
    field = 0
    while first := data[at]:
        at += 1
        kind = first & 15
        if first >> 4:
            field += first >> 4
        else:
            number, at = number_at(data, at)
            field = (number >> 1) ^ -(number & 1)
        if kind in (I16, I32, I64):
            number, at = number_at(data, at)
            fields[field] = (number >> 1) ^ -(number & 1)
        elif kind == BINARY:
            number, at = number_at(data, at)
            at += number
        elif kind == STRUCT and nested < MOST_NESTED:
            fields[field], at = struct_at(data, at, nested + 1)
        elif kind in (BYTE, DOUBLE):
            at += 1 if kind == BYTE else 8
        elif kind not in (TRUE, FALSE):  # no header of a page has a list, a set or a map
            raise TypeError(f"a field of kind {kind}")
    return fields, at + 1


def number_at(data: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned number of variable length, and where it ends."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while shift < 64:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
    raise TypeError("a number without an end")
