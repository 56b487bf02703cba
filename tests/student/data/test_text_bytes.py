"""The bytes of drawn tokens, by which a teacher with another tokenizer is asked about them."""

import random
from types import SimpleNamespace
from typing import Any

import pytest
from distill_makers import OTHER_TEXTS
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from trl.experimental.utils import encode_with_byte_offsets

from records.errors import InputError
from student.data.text_bytes import check_byte_level, text_of
from student.methods.gold import read_as_written
from student.scratch.model import make_tokenizer

TEXTS = (
    *("naïve 42 .", "日本語 <think> x </think>", "é e\u0301 🙂🙃", "<｜User｜> quoted, and on"),
    *("a\r\n\tb\u2028c", ""),
)


def tokenizer_with(*added: str, normalizer: Any = None) -> Tokenizer:
    backend = make_tokenizer(OTHER_TEXTS, 280, 64).backend_tokenizer
    backend.add_tokens([AddedToken(one, normalized=False) for one in added])
    if normalizer:
        backend.normalizer = normalizer
    return backend


def test_bytes_are_those_that_a_reader_of_the_text_sees() -> None:
    backend = tokenizer_with("<｜User｜>", "<think>")
    for text in TEXTS:
        (ids, offsets), tokens = encode_with_byte_offsets(backend, [text])[0], backend.encode(text).tokens
        assert len(ids) == len(tokens)
        assert text_of(tokens) == (text, [end for _, end in offsets])


def test_any_draw_is_read_as_it_is_decoded() -> None:
    """A model may stop within a character, or draw bytes that are none."""
    backend, draws = tokenizer_with("<｜User｜>", normalizer=normalizers.NFC()), random.Random(0)
    for _ in range(300):
        ids = [draws.randrange(backend.get_vocab_size()) for _ in range(draws.randrange(1, 12))]
        text, ends = text_of([str(backend.id_to_token(one)) for one in ids])
        assert text == backend.decode(ids, skip_special_tokens=False)
        assert ends == sorted(ends)
        assert ends[-1] == len(text.encode())
        encode_with_byte_offsets(backend, [text])  # which the teacher does with it


def test_a_teacher_that_composes_characters_reads_them_as_they_were_drawn() -> None:
    backend = tokenizer_with(normalizer=normalizers.NFC())
    text = "1 e\u0301 2"
    with pytest.raises(ValueError, match="overlapping byte offsets"):
        encode_with_byte_offsets(backend, [text])
    read_as_written(SimpleNamespace(backend_tokenizer=backend))
    ((_, offsets),) = encode_with_byte_offsets(backend, [text])
    ends = [end for _, end in offsets]
    assert ends == sorted(ends)
    assert ends[-1] == len(text.encode())


def test_a_broken_character_moves_nothing_behind_it() -> None:
    text, ends = text_of(["Ã", "a", "Ã", "©", "b"])
    assert (text, ends) == ("\ufffdaéb", [1, 4, 5, 6, 7])


def test_other_tokens_than_bytes_are_refused() -> None:
    words = Tokenizer(models.BPE())
    words.pre_tokenizer, words.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    for backend in (words, None):
        tokenizer = SimpleNamespace(backend_tokenizer=backend, is_fast=backend is not None, name_or_path="a/b")
        with pytest.raises(InputError, match="student: the tokens of a/b are not made of bytes"):
            check_byte_level(tokenizer, "student")
    check_byte_level(make_tokenizer(OTHER_TEXTS, 280, 64), "student")
