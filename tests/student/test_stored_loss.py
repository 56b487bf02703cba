"""The divergence from stored log-probabilities, against its definition and torch's own forward KL."""

from itertools import pairwise

import pytest
import torch

from student.methods.output_layer import OutputLayer
from student.methods.stored_loss import CHUNK, divergence, stored_loss
from student.methods.stored_trainer import below_each_other

N, V, H = 7, 11, 5


def distributions(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draws = torch.Generator().manual_seed(seed)
    teacher, student = (torch.randn(N, V, generator=draws, dtype=torch.float64) * 2 for _ in range(2))
    return teacher.log_softmax(-1), student


def defined(teacher: torch.Tensor, student: torch.Tensor, k: int) -> torch.Tensor:
    """The definition, written out: both distributions with all other tokens merged into one."""
    order = teacher.argsort(-1, descending=True)
    p, q = (one.exp().gather(-1, order) for one in (teacher, student.log_softmax(-1)))
    merged = [torch.cat([one[:, :k], one[:, k:].sum(-1, keepdim=True)], -1) for one in (p, q)]
    return (merged[0] * (merged[0] / merged[1]).log()).nan_to_num(0).sum(-1)


@pytest.mark.parametrize("k", [1, 4, V - 1])
def test_it_is_the_definition_with_its_gradient(k: int) -> None:
    teacher, student = distributions()
    top, ids = teacher.topk(k, -1)
    ours, theirs = student.clone().requires_grad_(), student.clone().requires_grad_()
    found, wanted = divergence(ours.log_softmax(-1), ids, top), defined(teacher, theirs, k)
    torch.testing.assert_close(found, wanted)
    found.sum().backward()
    wanted.sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_with_the_whole_vocabulary_it_is_the_forward_kl() -> None:
    teacher, student = distributions()
    top, ids = teacher.topk(V, -1)
    logits = student.clone().requires_grad_()
    found = divergence(logits.log_softmax(-1), ids, top)
    whole = torch.nn.functional.kl_div(student.log_softmax(-1), teacher, reduction="none", log_target=True).sum(-1)
    torch.testing.assert_close(found, whole)
    found.sum().backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, student.softmax(-1) - teacher.exp())


def test_it_grows_with_k_up_to_the_whole_divergence_and_is_zero_for_the_teacher_itself() -> None:
    teacher, student = distributions()
    found = [divergence(student.log_softmax(-1), *reversed(teacher.topk(k, -1))) for k in range(1, V + 1)]
    assert all(bool((less <= more + 1e-12).all()) for less, more in pairwise(found))
    same = divergence(teacher, *reversed(teacher.topk(4, -1)))
    torch.testing.assert_close(same, torch.zeros(N, dtype=torch.float64))


def test_rounded_probabilities_over_one_are_scaled_down() -> None:
    teacher, student = distributions()
    top, ids = teacher.topk(V, -1)
    rounded = divergence(student.log_softmax(-1), ids, top + 1e-3)
    torch.testing.assert_close(rounded, divergence(student.log_softmax(-1), ids, top))


def test_what_is_no_token_of_the_student_is_impossible_for_the_teacher() -> None:
    """Rows of the teacher's output layer without a token: its distribution over the others is what is learnt."""
    teacher, student = distributions()
    few = V - 3
    top, ids = teacher.topk(V, -1)
    logits = student[:, :few].clone().requires_grad_()
    found = divergence(logits.log_softmax(-1), ids, top)
    known = teacher[:, :few].log_softmax(-1)
    wanted = torch.nn.functional.kl_div(student[:, :few].log_softmax(-1), known, reduction="none", log_target=True)
    torch.testing.assert_close(found, wanted.sum(-1))
    found.sum().backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, student[:, :few].softmax(-1) - known.exp())


def test_datasets_with_other_numbers_of_tokens_are_learnt_together() -> None:
    teacher, student = distributions()
    rows = []
    for at, k in ((slice(0, 3), 2), (slice(3, N), 5)):
        top, ids = teacher[at].topk(k, -1)
        rows.append((ids.numpy(), top.numpy()))
    rows[0][1][1] = float("nan")
    ids, logprobs = map(torch.from_numpy, below_each_other(rows))
    assert ids.shape == logprobs.shape == (N, 5)
    assert logprobs.isnan().any(-1).tolist() == [False, True, *[False] * (N - 2)]
    logits = student.clone().requires_grad_()
    apart = divergence(logits.log_softmax(-1)[[0, 2]], ids[[0, 2]], logprobs[[0, 2]])
    torch.testing.assert_close(apart.detach(), defined(teacher, student, 2)[[0, 2]])
    apart.sum().backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def learnt(n: int = N, weight: float = 0.0, unknown: int = V) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of n tokens, one of which the teacher did not choose, and one of which has `unknown` for the teacher's
    tokens; and the gradient of the output layer."""
    draws = torch.Generator().manual_seed(1)
    hidden, matrix = torch.randn(n, H, generator=draws), torch.randn(V, H, generator=draws).requires_grad_()
    top, ids = torch.randn(n, V, generator=draws).log_softmax(-1).topk(3, -1)
    top[1] = float("nan")
    ids[2] = unknown
    labels = torch.randint(V, (n,), generator=draws)
    loss, entropy, matches = stored_loss(hidden, OutputLayer(matrix, None, 1.0, None), labels, ids, top, weight)
    loss.backward()
    assert matrix.grad is not None
    assert 0 < float(entropy) < n * 2.4
    assert 0 <= int(matches) <= n
    return loss.detach(), matrix.grad


def test_a_token_that_was_not_chosen_has_no_divergence_but_a_likelihood() -> None:
    plain, half = learnt(), learnt(weight=0.5)
    assert torch.isfinite(plain[1]).all()
    likely = learnt(weight=1.0)
    torch.testing.assert_close(half[0], (plain[0] + likely[0]) / 2)
    torch.testing.assert_close(half[1], (plain[1] + likely[1]) / 2)


def test_where_the_teacher_means_no_token_of_the_student_nothing_is_learnt_from_it() -> None:
    torch.testing.assert_close(learnt(unknown=V), learnt(unknown=V + 5))
    assert float(learnt(unknown=V - 1)[0]) != float(learnt(unknown=V)[0])


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learnt(CHUNK)
    monkeypatch.setattr("student.methods.stored_loss.CHUNK", CHUNK // 3)
    parts = learnt(CHUNK)
    torch.testing.assert_close(whole, parts, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("likeliest", [0, 1, 3])
def test_entropy_and_matches_are_the_students(likeliest: int) -> None:
    """The first `likeliest` labels are the student's most probable tokens, and the others its least probable ones."""
    _, student = distributions()
    labels = torch.where(torch.arange(N) < likeliest, student.argmax(-1), student.argmin(-1))
    top, ids = student.log_softmax(-1).topk(2, -1)
    layer = OutputLayer(torch.eye(V, dtype=torch.float64), None, 1.0, None)
    _, entropy, matches = stored_loss(student, layer, labels, ids, top, 0.0)
    assert int(matches) == likeliest
    assert float(entropy) == pytest.approx(float(torch.distributions.Categorical(logits=student).entropy().sum()))
