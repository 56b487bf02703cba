r"""Letters by their names behind a number (`3 pi`), and words beside numbers, are neither nouns nor products."""

import pytest
from judging_makers import verify_math

NOUNS = [
    ("3 pi", r"3\pi"),
    ("-3.5 pi", r"-3.5\pi"),
    ("2 pi r", r"2\pi r"),
    ("12 pi square units", r"12\pi"),
    ("3 pi cm^2", r"3\pi \text{ cm}^2"),
    ("3/2 pi", r"\frac{3\pi}{2}"),
    ("sqrt(2) pi", r"\sqrt{2}\pi"),
    ("2 + 3 pi", r"2+3\pi"),
    ("(0, 3 pi)", r"(0, 3\pi)"),
    ("2 k pi", r"2k\pi"),
    ("n pi", r"n\pi"),
    ("2 theta", r"2\theta"),
    ("2 rho g h", r"2\rho gh"),
    ("rho g h", r"\rho gh"),
    ("omega^2 r", r"\omega^2 r"),
    ("lambda/2", r"\frac{\lambda}{2}"),
    ("q / (4 pi epsilon_0 r^2)", r"\frac{q}{4\pi\epsilon_0 r^2}"),
    ("2 cos(theta)", r"2\cos\theta"),
    ("tan(theta)", r"\tan\theta"),
    ("sin theta", r"\sin(\theta)"),
    ("theta", r"\theta"),
    ("4 PI", r"4\pi"),
    ("Pi", r"\pi"),
    (r"\text{Pi}", r"\pi"),
    ("alpha, beta", r"\alpha, \beta"),
]
NAMES = [
    ("Gamma", r"\text{gamma}"),
    (r"\text{Gamma}", "gamma"),
    ("Beta", "(beta)"),
    ("Alpha", r"\textbf{alpha}"),
    ("Omega", r"\mathrm{omega}"),
    ("Beta, Gamma", "beta, gamma"),
    ("Alpha and Beta", r"\text{alpha and beta}"),
]
FACTORS = [
    (r"\frac{mg}{2}", r"\frac{1}{2} mg"),
    (r"\frac{\sqrt{3}mg}{2}", r"\frac{\sqrt{3}}{2} mg"),
    ("2 m g", "2mg"),
    (r"2 \cdot mg", "2mg"),
]


def outcome(reference: str, answer: str) -> str:
    return verify_math(reference, f"\\boxed{{{answer}}}").outcome


@pytest.mark.parametrize(("plain", "latex"), NOUNS)
def test_a_letter_by_its_name_is_that_letter(plain: str, latex: str) -> None:
    assert outcome(plain, latex) == outcome(latex, plain) == outcome(plain, plain) == "pass"


@pytest.mark.parametrize(
    ("reference", "answer"),
    [("3 pi", "3"), ("3", "3 pi"), ("2 pi r", "2 pi h"), ("12 pi cm", "12 cm"), ("2 theta", "2"), ("2 rho", "2 tau")],
)
def test_a_letter_by_its_name_is_no_noun(reference: str, answer: str) -> None:
    assert outcome(reference, answer) == "fail"


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("2 pi bonds", "2"),
        ("2 alpha particles", "2"),
        ("30 psi", "30"),
        ("Alpha", "alpha"),
        ("2 pieces", "2"),
        ("3 pints", "3"),
    ],
)
def test_nouns_that_begin_like_a_letter_are_counted(reference: str, answer: str) -> None:
    assert outcome(reference, answer) == "pass"


@pytest.mark.parametrize(
    ("apart", "joined", "others"),
    [
        (r"\rho g h", r"\rho gh", (r"\rho", r"\rho gV", r"\rho g")),
        (r"2\pi f L", r"2\pi fL", (r"2\pi", r"2\pi fC")),
        (r"\mu m g", r"\mu mg", (r"\mu", r"\mu mL")),
        (r"\omega R C", r"\omega RC", (r"\omega", r"\omega RL")),
        (r"\frac{g t^2}{2}", r"\frac{1}{2} gt^2", (r"\frac{1}{2}", r"\frac{1}{2} gt")),
        (r"\frac{C V^2}{2}", r"\frac{1}{2} CV^2", (r"\frac{1}{2}", r"\frac{1}{2} LI^2")),
        (r"\frac{m g L}{2}", r"\frac{1}{2} mgL", (r"\frac{1}{2}", r"\frac{1}{2} mgR")),
        (r"\mu_0 n I", r"\mu_0 nI", (r"\mu_0", r"\mu_0 NI")),
        (r"\mu_k m g", r"\mu_k mg", (r"\mu_k",)),
        (r"\epsilon_{0} T S", r"\epsilon_{0} TS", (r"\epsilon_{0}",)),
        (r"R^2 H G", r"R^2 HG", (r"R^2", r"R^2 HF")),
        (r"P_0 + \rho g h", r"P_0 + \rho gh", (r"P_0 + \rho",)),
    ],
)
def test_letters_behind_a_command_are_factors(apart: str, joined: str, others: tuple[str, ...]) -> None:
    """LaTeX needs the space; read as a noun, `gh` could be any other, or missing."""
    assert outcome(apart, joined) == outcome(joined, apart) == "pass"
    assert {outcome(reference, other) for reference in (apart, joined) for other in others} == {"fail"}


@pytest.mark.parametrize(
    "answer",
    [
        r"4\pi cm",
        r"4\pi ft",
        "12.57 kW",
        r"4\pi \text{ kg}",
        r"4\pi sq units",
        r"4\pi cm^2",
        r"4\pi units",
        r"4\pi rad",
    ],
)
def test_units_behind_a_number_stay_units(answer: str) -> None:
    assert outcome("12.57" if "kW" in answer else r"4\pi", answer) == "pass"


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("left 3 up 2", "left 2 up 3"),
        ("2 red 5 blue", "5 red 2 blue"),
        ("row 2 col 3", "row 3 col 2"),
        ("Bus 10 at gate 5", "Bus 5 at gate 10"),
        ("node 0 to node 3", "node 0 to node 4"),
        ("5 ft 3 in", "3 ft 5 in"),
        ("2 by 3", "3 by 2"),
        ("Room 0", "Hall 0"),
        ("Room 0 is safe", "Room 0 is unsafe"),
        (r"\text{Move 2 from Peg 3}", r"\text{Move 3 from Peg 2}"),
    ],
)
def test_words_beside_numbers_are_no_product(reference: str, answer: str) -> None:
    assert outcome(reference, answer) == "fail"
    assert outcome(reference, reference[0].swapcase() + reference[1:]) == "pass"


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("2 x 3 y", "6xy"),
        ("cos 2 x", r"\cos(2x)"),
        ("5 red", "5"),
        ("3 in 5", "3/5"),
        ("May 3", "3 May"),
        ("2n + 1", "2n + 1 odd"),
        ("3 ln 2 x", r"3\ln(2x)"),
    ],
)
def test_formulas_and_counts_are_read_as_before(reference: str, answer: str) -> None:
    assert outcome(reference, answer) == "pass"


def test_a_set_of_many_members_is_compared_to_its_end() -> None:
    members = [str(number) for number in range(70)]
    reference, other = (rf"\{{{', '.join([*members[:69], last])}\}}" for last in ("69", "96"))
    assert outcome(reference, reference) == "pass"
    assert outcome(reference, other) == "fail"


@pytest.mark.parametrize(("one", "other"), NAMES)
def test_names_alone_are_words_in_whatever_case(one: str, other: str) -> None:
    assert outcome(one, other) == outcome(other, one) == "pass"


@pytest.mark.parametrize(("one", "other"), FACTORS)
def test_mg_is_mass_times_gravity_beside_both_letters(one: str, other: str) -> None:
    assert outcome(one, other) == outcome(other, one) == "pass"


@pytest.mark.parametrize(
    ("one", "other"), [("5 mg", "6 mg"), ("5 mg", "5 g"), (r"\frac{mg}{2}", "2 mg"), ("mg", "2 mg")]
)
def test_mg_is_no_other_amount(one: str, other: str) -> None:
    assert outcome(one, other) == outcome(other, one) == "fail"
