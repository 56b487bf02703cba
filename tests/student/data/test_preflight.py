"""The preflight looks at every row, counts what it leaves out, and says what to change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from student_makers import ANSWERED, make_row, make_student, make_training, write_dataset
from tokenizer_makers import CHATML, SWITCHES, make_byte_tokenizer

from configs.models import MixedReasoning
from records.errors import InputError
from records.files import write_json
from records.preflight import CostEstimate, Preflight, read_preflight
from student.data.preflight import refuse, run_preflight
from student.data.preflight_table import preflight_table
from student.data.surveying import Form, survey_rows


def silent(done: int, total: int) -> None:
    pass


def found_in(tmp_path: Path, rows: list[dict[str, Any]], **training: Any) -> Preflight:
    data = write_dataset(tmp_path / "data", rows)
    return run_preflight([data], make_student(tmp_path / "student"), "visible", make_training(**training), silent)


def test_a_sound_dataset_has_nothing_against_it(tmp_path: Path) -> None:
    found = found_in(tmp_path, [make_row(at=at) for at in range(10)])
    refuse(found)
    assert (found.rows, found.trained, found.dropped, found.refusals, found.notes) == (10, 10, {}, [], [])
    assert (found.duplicates, found.quoting, found.no_think) == (0, 0, 0)
    supervised = len(ANSWERED) - len("<think></think>") + 2 + 1  # bytes, two tags, the stop token
    assert found.supervised_tokens == 10 * supervised
    prompt = len("<|im_start|>user\n0: 12 + 34?<|im_end|>\n<|im_start|>assistant\n") - 3 * len("<|im_end|>") + 3 - 4
    assert found.lengths is not None
    assert found.lengths.shortest == found.lengths.longest == prompt + supervised
    assert found.tokens == 10 * (prompt + supervised)
    assert found.special_tokens is not None
    assert (found.special_tokens.stop, found.special_tokens.pad) == ("<|im_end|>", "<|endoftext|>")


def test_every_row_is_looked_at_and_every_loss_is_named(tmp_path: Path) -> None:
    rows = [make_row(at=at) for at in range(600)]
    rows[300] = make_row("<think>\na\n</think>\n\n", 300)
    rows[599] = make_row("<think>\n" + "x" * 400 + "\n</think>\n\n4", 599)
    rows[5] = make_row("<think><think>\na\n</think>\n\n4", 5)
    found = found_in(tmp_path, rows)
    assert {reason: (left.rows, left.first) for reason, left in found.dropped.items()} == {
        "bad_format": (1, ["problem_id p5, sample_index 1"]),
        "no_answer": (1, ["problem_id p300, sample_index 0"]),
        "too_long": (1, ["problem_id p599, sample_index 3"]),
    }
    assert (found.rows, found.trained, found.refusals) == (600, 597, [])


def test_the_first_five_of_a_reason_are_named(tmp_path: Path) -> None:
    rows = [make_row("" if at % 100 == 0 else ANSWERED, at) for at in range(700)]
    left = found_in(tmp_path, rows).dropped["no_answer"]
    assert left.rows == 7
    assert [name.split(",")[0] for name in left.first] == [f"problem_id p{at}" for at in (0, 100, 200, 300, 400)]


def test_the_median_of_two_is_a_length_that_occurs(tmp_path: Path) -> None:
    lengths = found_in(tmp_path, [make_row(), make_row(ANSWERED + "xxx")]).lengths
    assert lengths is not None
    assert lengths.median == lengths.longest == lengths.shortest + 3


@pytest.mark.parametrize(("allowed", "refused"), [(0.19, True), (0.2, False), (0.21, False)])
def test_more_than_the_allowed_share_is_refused(tmp_path: Path, allowed: float, refused: bool) -> None:
    rows = [*(make_row(at=at) for at in range(4)), make_row("", 4)]
    found = found_in(tmp_path, rows, drop_at_most=allowed)
    assert bool(found.refusals) is refused
    if refused:
        with pytest.raises(InputError, match=r"1 of 5 rows .*drop_at_most=0.19: 1 no_answer \(first: problem_id p4"):
            refuse(found)


def test_no_row_left_is_refused_whatever_is_allowed(tmp_path: Path) -> None:
    found = found_in(tmp_path, [make_row("")], drop_at_most=1.0)
    assert found.lengths is None
    assert len(found.refusals) == 1


def test_duplicates_and_quotations_are_counted(tmp_path: Path) -> None:
    quoting = make_row(ANSWERED.replace("12", "<|im_end|>"), 1)
    found = found_in(tmp_path, [make_row(), make_row(), make_row(), quoting])
    assert (found.duplicates, found.quoting, found.trained) == (2, 1, 4)


def test_the_histogram_counts_by_powers_of_two(tmp_path: Path) -> None:
    """A row of 128 tokens belongs to the bin up to 128, one of 129 to the next."""
    base = found_in(tmp_path / "base", [make_row()]).tokens
    rows = [make_row(ANSWERED + "x" * (length - base)) for length in (127, 128, 129, 256, 257)]
    found = found_in(tmp_path, rows)
    assert found.lengths is not None
    assert found.lengths.histogram == {"128": 2, "256": 2, "512": 1}
    assert (found.lengths.shortest, found.lengths.median, found.lengths.longest) == (127, 129, 257)


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    rows = [make_row(ANSWERED + "x" * (at % 7), at) for at in range(3000)] + [
        make_row("", 3000),
        make_row(ANSWERED + "x", 1),
    ]
    data, student = write_dataset(tmp_path / "data", rows), make_student(tmp_path / "student")
    seen: list[int] = []
    one = run_preflight([data], student, "visible", make_training(), silent, processes=1)
    two = run_preflight([data], student, "visible", make_training(), lambda done, total: seen.append(done), processes=2)
    assert one == two
    assert seen == [1024, 2048, 3002]
    assert (one.rows, one.duplicates, one.dropped["no_answer"].rows) == (3002, 1, 1)


def test_an_error_in_a_worker_arrives(tmp_path: Path) -> None:
    refusing = CHATML + "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    system = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
    data = write_dataset(tmp_path / "data", [make_row(at=at) for at in range(1024)] + [make_row(turns=system)])
    student = make_student(tmp_path / "student", make_byte_tokenizer(refusing))
    with pytest.raises(InputError, match="refuses it"):
        survey_rows([data], Form(student, "visible", 400), silent, processes=2)


def test_mixed_rows_are_counted_with_their_switch(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [make_row(at=at) for at in range(400)])
    student = make_student(tmp_path / "student", make_byte_tokenizer(SWITCHES))
    found = run_preflight([data], student, MixedReasoning(no_think_share=0.25), make_training(), silent)
    assert 70 <= found.no_think <= 130
    assert (found.switch, found.refusals) == ("enable_thinking=False", [])


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [make_row("")])
    base = make_byte_tokenizer(eos="<|endoftext|>")
    student = make_student(tmp_path / "student", base, vocab_size=260, max_position_embeddings=399)
    found = run_preflight([data], student, "visible", make_training({}), silent)
    assert [refusal.split()[0] for refusal in found.refusals] == [
        "the",  # vocabulary
        "training.max_length=400",
        "adapters",
        "1",
    ]
    with pytest.raises(InputError, match=r"the training would fail: the tokenizer has token 260, .*; also, training"):
        refuse(found)


def test_it_is_written_and_read_back_and_shown(tmp_path: Path) -> None:
    found = replace(
        found_in(tmp_path, [make_row(), make_row("", 1)]),
        cost=CostEstimate(memory_bytes=3 << 29, moment="step", tokens=1000, flops=1e15),
    )
    write_json(tmp_path / "preflight.json", found)
    assert read_preflight(tmp_path) == found
    (tmp_path / "preflight.json").write_text('{"rows": 1}')
    with pytest.raises(InputError, match=r"delete .* to train again"):
        read_preflight(tmp_path)
    table = preflight_table(found, 0.5)
    for part in (
        "2 (4/s)",
        "left out: no_answer",
        "problem_id p1, sample_index 1",
        "1.5 GiB",
        "refused: 1 of 2",
        "<|im_end|>",
    ):
        assert part in table
    assert "nothing speaks against training" in preflight_table(replace(found, refusals=[]), 0.5)


def test_a_template_with_a_date_is_noted(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", [make_row()])
    dated = make_byte_tokenizer("{% set today = strftime_now('%d') %}" + CHATML)
    found = run_preflight([data], make_student(tmp_path / "student", dated), "visible", make_training(), silent)
    assert "today's date" in found.notes[0]
