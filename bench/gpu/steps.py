"""Runs one case: warm-up steps, then timed steps for some seconds, through TRL's SFTTrainer or by hand."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from bench.gpu.cases import PROMPT_SHARE, SHAPES, Case
from bench.gpu.models import make_adapter, make_model, make_tokenizer

WARM_UP_STEPS = 2
ROWS = 8


def make_rows(case: Case) -> Dataset:
    """Return rows as TRL's bfd packing leaves them: ids, labels with the prompts masked, the documents' lengths."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(2, SHAPES[case.model]["vocab_size"], (ROWS, case.tokens), generator=generator)
    labels = ids.clone()
    start = 0
    for length in case.documents:
        labels[:, start : start + int(PROMPT_SHARE * length)] = -100
        start += length
    lengths = [case.documents] * ROWS
    return Dataset.from_dict({"input_ids": ids.numpy(), "labels": labels.numpy(), "seq_lengths": lengths})


def run_case(case: Case, seconds: float, device: str, scratch: str) -> dict[str, Any]:
    """Return what the case measured: seconds a step (median), steps timed, peak memory in bytes, the last loss.

    `peak` is `torch.cuda.max_memory_allocated` from the first step's start to the end, `reserved` what the allocator
    held from the device; both are 0 on the CPU. Errors: whatever the step raises, running out of memory included.
    """
    began = time.perf_counter()
    model = make_model(case, device)
    synchronize(device)
    made = time.perf_counter()
    clock = StepClock(seconds, device)
    loops: dict[str, Callable[..., float]] = {"trl": run_trainer, "bare": run_bare}
    loss = loops[case.loop](case, model, clock, device, scratch)
    del model
    on_gpu = device != "cpu"
    return {
        "step_s": median(clock.timed) if clock.timed else None,
        "timed_steps": len(clock.timed),
        "first_step_s": clock.steps[0],
        "model_s": made - began,
        "case_s": time.perf_counter() - began,
        "before": clock.before,
        "peak": torch.cuda.max_memory_allocated() if on_gpu else 0,
        "reserved": torch.cuda.max_memory_reserved() if on_gpu else 0,
        "loss": loss,
    }


def free_memory() -> None:
    """Give the memory of the case before back to the device and start its peak anew."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def synchronize(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()


class StepClock(TrainerCallback):
    """Times optimizer steps, and ends the training once the timed steps add up to enough seconds."""

    def __init__(self, seconds: float, device: str) -> None:
        self.seconds, self.device = seconds, device
        self.steps: list[float] = []
        self.started = 0.0
        self.before = 0
        """Bytes allocated when training starts: weights, adapters, nothing else."""

    @property
    def timed(self) -> list[float]:
        return self.steps[WARM_UP_STEPS:] or self.steps[1:]

    @property
    def is_done(self) -> bool:
        """Whether enough was timed; a step longer than the seconds given warms up once, not twice."""
        return sum(self.timed) >= self.seconds and bool(self.timed)

    def start(self) -> None:
        if not self.steps and self.device != "cpu":
            torch.cuda.reset_peak_memory_stats()
            self.before = torch.cuda.memory_allocated()
        synchronize(self.device)
        self.started = time.perf_counter()

    def stop(self) -> None:
        synchronize(self.device)
        self.steps.append(time.perf_counter() - self.started)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.stop()
        control.should_training_stop = self.is_done


def run_trainer(case: Case, model: Any, clock: StepClock, device: str, scratch: str) -> float:
    config = SFTConfig(
        output_dir=scratch,
        per_device_train_batch_size=1,
        gradient_checkpointing=case.checkpointing,
        use_liger_kernel=case.liger,
        torch_compile=case.compiled,
        bf16=True,
        optim=case.optimizer,
        learning_rate=1e-5,
        lr_scheduler_type="constant",
        max_steps=10_000,
        packing=True,
        packing_strategy="bfd",
        max_length=case.tokens,
        dataset_kwargs={"skip_prepare_dataset": True},  # the rows are packed already, to this length exactly
        save_strategy="no",
        logging_steps=10_000,
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
        dataloader_pin_memory=device != "cpu",
    )
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=make_rows(case),
        processing_class=make_tokenizer(),
        peft_config=make_adapter(case),
        callbacks=[clock],
    )
    loss = float(trainer.train().training_loss)
    trainer.accelerator.free_memory()
    return loss


def run_bare(case: Case, model: Any, clock: StepClock, device: str, scratch: str) -> float:
    """The step without TRL: full fine-tuning with transformers' own loss, on the logits of every token in float32."""
    if case.checkpointing:
        model.gradient_checkpointing_enable()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    rows = make_rows(case).with_format("torch", device=device)
    documents = torch.tensor(case.documents)
    packing = {
        "position_ids": torch.cat([torch.arange(length) for length in case.documents])[None].to(device),
        "cu_seq_lens_q": torch.cat([torch.zeros(1, dtype=torch.long), documents.cumsum(0)]).to(device, torch.int32),
        "max_length_q": max(case.documents),
    }
    loss = torch.zeros(())
    while not clock.is_done:
        row = rows[len(clock.steps) % ROWS]
        clock.start()
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
            loss = model(input_ids=row["input_ids"][None], labels=row["labels"][None], use_cache=False, **packing).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        clock.stop()
    return float(loss.detach())
