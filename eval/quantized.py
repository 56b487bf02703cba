"""A `records.requests.Sampler` for bitsandbytes-quantized checkpoints, which generates with transformers."""

import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, GenerationConfig

from configs.models import Model
from records.counts import EngineCounts
from records.quantization import BITSANDBYTES
from records.requests import Completion, Request, Settings
from records.rows import CUT_OFF, FINISHED, PROMPT_TOO_LONG
from records.thinking import prefilled

COMPUTE = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "auto": torch.bfloat16}
"""The dtype of the computations, by the student's dtype; layers that are not quantized (embeddings, norms) keep it."""


def quantization(precision: str, compute: torch.dtype) -> BitsAndBytesConfig:
    """Return the settings for a precision of BITSANDBYTES, whose 4-bit layers compute in `compute`."""
    computing = {} if precision == "int8" else {"bnb_4bit_compute_dtype": compute}
    return BitsAndBytesConfig(**BITSANDBYTES[precision], **computing)


class QuantizedSampler:
    """Generates in batches. int8 finds outliers over the whole batch, so a completion depends on the others in it."""

    batch_invariant = False

    def __init__(self, model: Model, path: str, precision: str, batch_size: int) -> None:
        self.limit, self.batch_size = model.max_model_len, batch_size
        self.tokenizer = AutoTokenizer.from_pretrained(path, padding_side="left")
        compute = COMPUTE[model.dtype]
        self.model = AutoModelForCausalLM.from_pretrained(
            path, quantization_config=quantization(precision, compute), dtype=compute
        ).eval()
        self.generate_s = 0.0
        self.waiting: list[Request] = []

    def room(self) -> int:
        return self.batch_size - len(self.waiting)

    def submit(self, request: Request) -> None:
        self.waiting.append(request)

    def cancel(self, request: Request) -> None:
        self.waiting.remove(request)

    def finished(self) -> list[Completion]:
        """Complete everything submitted, in one batch for each of the requests' settings. A prompt that leaves no room
        for `max_tokens` is not submitted, and its completion says so (PROMPT_TOO_LONG)."""
        batch, self.waiting = self.waiting, []
        started = time.monotonic()
        prompts = [self.render(request) for request in batch]
        lengths = [len(ids) for ids in self.tokenizer(prompts, add_special_tokens=False)["input_ids"]] if batch else []
        done: list[Completion] = []
        fitting: dict[Settings, list[tuple[Request, str]]] = {}
        for request, prompt, length in zip(batch, prompts, lengths, strict=True):
            if length + request.settings.max_tokens > self.limit:
                done.append(Completion(request, "", PROMPT_TOO_LONG, length, 0))
            else:
                fitting.setdefault(request.settings, []).append((request, prompt))
        for settings, asked in fitting.items():
            done += self.generate([request for request, _ in asked], [prompt for _, prompt in asked], settings)
        self.generate_s += time.monotonic() - started
        return done

    @torch.inference_mode()
    def generate(self, batch: list[Request], prompts: list[str], settings: Settings) -> list[Completion]:
        encoded = self.tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        torch.manual_seed(batch[0].seed)
        output = self.model.generate(
            input_ids=encoded["input_ids"].to(self.model.device),
            attention_mask=encoded["attention_mask"].to(self.model.device),
            generation_config=self.generation_config(settings),
        )
        drawn = [ids[encoded["input_ids"].shape[1] :] for ids in output.tolist()]
        return [self.to_completion(*each) for each in zip(batch, prompts, lengths, drawn, strict=True)]

    def render(self, request: Request) -> str:
        arguments = {"tokenize": False, "add_generation_prompt": True, **request.chat_template_kwargs}
        return str(self.tokenizer.apply_chat_template(list(request.messages), **arguments))

    def generation_config(self, settings: Settings) -> GenerationConfig:
        """Translate the settings for transformers. At temperature 0 generation is greedy."""
        sampled = settings.temperature > 0
        shaping = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": max(settings.top_k, 0),  # transformers defaults to 50; its 0 is vLLM's -1
        }
        return GenerationConfig(
            max_new_tokens=settings.max_tokens,
            do_sample=sampled,
            eos_token_id=self.model.generation_config.eos_token_id,
            pad_token_id=self.tokenizer.pad_token_id,
            **(shaping if sampled else {}),
        )

    def to_completion(self, request: Request, prompt: str, prompt_tokens: int, drawn: list[int]) -> Completion:
        """Cut the tokens at the first stop token. A completion without one reached its limit."""
        stop = next((at for at, token in enumerate(drawn) if token == self.tokenizer.eos_token_id), None)
        text = str(self.tokenizer.decode(drawn[:stop], skip_special_tokens=True))
        tokens = len(drawn) if stop is None else stop + 1
        return Completion(
            request, prefilled(prompt) + text, CUT_OFF if stop is None else FINISHED, prompt_tokens, tokens
        )

    def timings(self) -> EngineCounts:
        return EngineCounts(engine_s=round(self.generate_s, 3))

    def close(self) -> None:
        pass
