"""Options are shuffled by a seed and each problem's texts; the permutation and the right one's letter are kept."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from configs.sources import ProblemFile
from filters.verifiers.choice_answer import full
from filters.verifiers.evidence import Evidence
from records.errors import InputError
from records.rows import Problem
from teacher.problems.files import read_file

COLUMNS = ["Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"]
ROW = dict(zip(COLUMNS, ["Mars", "Venus", "Mercury", "Jupiter"], strict=True)) | {"Question": "Which is red?"}


def made_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"Question": f"Which is {at}?"} | {column: f"{column} of {at}" for column in COLUMNS} for at in range(count)
    ]


def read(tmp_path: Path, *rows: dict[str, Any], columns: Any = COLUMNS, **settings: Any) -> list[Problem]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = {"prompt": "Question", "reference": settings.pop("gold", "Correct Answer")}
    options = {"columns": columns} | settings
    source = {"kind": "file", "path": str(path), "verifier": "choice", "columns": named, "options": options}
    return list(read_file(ProblemFile.model_validate(source)))


def refusal(tmp_path: Path, *rows: dict[str, Any], **settings: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, *rows, **settings)
    return str(caught.value)


def test_the_prompt_lists_the_options_and_asks_for_a_letter(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, ROW)
    extra = json.loads(problem.extra)
    lines = problem.prompt.split("\n")
    assert lines[0] == problem.question == "Which is red?"
    assert lines[2:6] == [f"{letter}) {text}" for letter, text in extra["options"].items()]
    assert lines[-1] == "Exactly one option is right. Answer with its letter."
    assert extra["options"][problem.reference] == "Mars"
    assert [ROW[COLUMNS[at]] for at in extra["permutation"]] == list(extra["options"].values())


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW))
    source = ProblemFile.model_validate(
        {
            "kind": "file",
            "path": str(path),
            "verifier": "choice",
            "columns": {"prompt": "Question", "reference": "Correct Answer"},
            "options": {"columns": COLUMNS, "shuffle": False},
            "template": "Q: {problem}\n{options}\nA:",
        }
    )
    (problem,) = read_file(source)
    assert problem.prompt == "Q: Which is red?\nA) Mars\nB) Venus\nC) Mercury\nD) Jupiter\nA:"
    assert problem.reference == "A"


def test_the_order_depends_on_seed_and_texts_alone(tmp_path: Path) -> None:
    rows = made_rows(40)
    first = {problem.question: problem for problem in read(tmp_path, *rows)}
    again = {problem.question: problem for problem in read(tmp_path, *reversed(rows))}
    assert first == again
    turned = {problem.question: problem for problem in read(tmp_path, *rows, columns=COLUMNS[::-1])}
    assert [it.prompt for it in turned.values()] == [it.prompt for it in first.values()]
    assert [it.reference for it in turned.values()] == [it.reference for it in first.values()]
    other = {problem.question: problem for problem in read(tmp_path, *rows, seed=1)}
    assert sum(other[name].reference != problem.reference for name, problem in first.items()) > 15


def test_letters_come_out_even(tmp_path: Path) -> None:
    counts = Counter(problem.reference for problem in read(tmp_path, *made_rows(400)))
    assert set(counts) == set("ABCD")
    assert all(70 <= count <= 130 for count in counts.values())  # 100 each, standard deviation 9


def test_unshuffled_columns_keep_their_order(tmp_path: Path) -> None:
    problems = read(tmp_path, *made_rows(5), shuffle=False)
    assert {problem.reference for problem in problems} == {"A"}
    assert json.loads(problems[0].extra)["permutation"] == [0, 1, 2, 3]


LISTED = {"Question": "2 + 2?", "choices": ["3", "4", "5"]}


@pytest.mark.parametrize(("kind", "value"), [("text", "4"), ("letter", "B"), ("letter", " b "), ("index", 1)])
def test_a_list_of_options_and_each_kind_of_reference(tmp_path: Path, kind: str, value: Any) -> None:
    (problem,) = read(tmp_path, LISTED | {"gold": value}, columns="choices", gold="gold", reference=kind)
    assert json.loads(problem.extra)["options"][problem.reference] == "4"


def test_the_verifier_takes_the_letter_and_no_other(tmp_path: Path) -> None:
    for problem in read(tmp_path, *made_rows(20)):
        verdicts = {
            letter: full(Evidence("choice", problem.reference, problem.extra, f"So it is \\boxed{{{letter}}}.")).outcome
            for letter in "ABCD"
        }
        assert {letter for letter, outcome in verdicts.items() if outcome == "pass"} == {problem.reference}


@pytest.mark.parametrize(
    ("row", "settings", "message"),
    [
        (ROW, {"columns": [*COLUMNS[:3], "Incorrect Answer 4"]}, "has no column 'Incorrect Answer 4'; it has Corr"),
        (ROW, {"columns": "choices"}, "column 'choices' must be a list of texts; set options.columns in the config"),
        (ROW, {"columns": COLUMNS[:1]}, "has 1 options; from 2 to 10 can be shown"),
        (ROW | {COLUMNS[2]: " "}, {}, "column 'Incorrect Answer 2' is empty; correct or remove the row"),
        (LISTED | {"gold": "6"}, {"columns": "choices", "gold": "gold"}, "column 'gold' is '6', which as text na"),
        (LISTED | {"gold": ""}, {"columns": "choices", "gold": "gold"}, "column 'gold' is empty; correct or remo"),
        (
            {"Question": "?", "choices": ["4", "4"], "gold": "4"},
            {"columns": "choices", "gold": "gold"},
            "column 'gold' is '4', which as text names 2 of the 2 options; correct the row, or options.reference in t",
        ),
        ({"Question": "?", "choices": ["x"] * 11, "gold": "x"}, {"columns": "choices", "gold": "gold"}, "has 11 o"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, row: dict[str, Any], settings: dict[str, Any], message: str) -> None:
    assert refusal(tmp_path, row, **settings).startswith(f"{tmp_path / 'rows.jsonl'}:1: {message}")
