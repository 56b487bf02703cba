"""Rows that several processes render are those of one, in the same order."""

from pathlib import Path

import pytest
from student_makers import make_row, make_student, write_dataset
from tokenizer_makers import CHATML, make_byte_tokenizer

from records.errors import InputError
from student.data.mixing import processes_for, rendered_rows
from student.data.rendering import RowRenderer


def test_the_rows_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    rows = [make_row(at=at) for at in range(5)] + [make_row("", 5), make_row(at=6)]
    data, student = write_dataset(tmp_path / "data", rows), make_student(tmp_path / "student")
    renderer = RowRenderer(student.tokenizer())
    alone = rendered_rows(data, renderer, 400, tmp_path / "one", processes=1)
    shared = rendered_rows(data, renderer, 400, tmp_path / "two", processes=2)
    assert alone.to_list() == shared.to_list()
    assert alone.features == shared.features
    assert alone["problem_id"][:] == [f"p{at}" for at in range(7)]
    assert alone["fault"][5] == "no_answer"


def test_an_error_in_a_process_arrives(tmp_path: Path) -> None:
    refusing = CHATML + "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    system = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
    data = write_dataset(tmp_path / "data", [make_row(), make_row(turns=system)])
    student = make_student(tmp_path / "student", make_byte_tokenizer(refusing))
    renderer = RowRenderer(student.tokenizer())
    with pytest.raises(InputError, match="refuses it"):
        rendered_rows(data, renderer, 400, tmp_path / "cache", processes=2)


@pytest.mark.parametrize(
    ("rows", "cores", "processes"),
    [(1, 8, 1), (3_999, 8, 1), (4_000, 8, 2), (4_001, 8, 2), (16_000, 8, 8), (1_000_000, 8, 8), (1_000_000, 1, 1)],
)
def test_a_further_process_needs_rows_to_do(rows: int, cores: int, processes: int) -> None:
    assert processes_for(rows, cores) == processes
