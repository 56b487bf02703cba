"""A `records.requests.Sampler` that generates with transformers: a second opinion on what vLLM draws."""

import time
from typing import NamedTuple

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, __version__

from configs.models import Model
from records.attention import with_own_attention
from records.chat_template import use_template
from records.counts import EngineCounts
from records.hashing import fingerprint
from records.quantization import quantization_of
from records.rendering import Renderer
from records.requests import Completion, Request, Settings
from records.rows import CUT_OFF, FINISHED, PROMPT_TOO_LONG
from records.runtime import Runtime
from records.special_tokens import stop_ids
from records.thinking import in_think_tags


class Prompted(NamedTuple):
    """A request with the tokens of its prompt, and the beginning of the completion that they already hold."""

    request: Request
    ids: list[int]
    begun: str


class TransformersSampler:
    """Generates in batches, from weights in full or quantized by `student.export.quantized`.

    A completion depends on the others in its batch: they are drawn with one seed, and LLM.int8 finds outliers over all
    of them.
    """

    batch_invariant = False

    def __init__(self, model: Model, path: str, batch_size: int) -> None:
        self.limit, self.batch_size = model.max_model_len, batch_size
        self.tokenizer = AutoTokenizer.from_pretrained(
            path, revision=model.revision, trust_remote_code=False, padding_side="left"
        )
        use_template(self.tokenizer, model.template)
        self.format = model.prompt.reasoning_format
        self.renderer = Renderer(self.tokenizer, self.format, model.thinks)
        loaded = AutoModelForCausalLM.from_pretrained(
            path,
            trust_remote_code=False,
            revision=model.revision,
            dtype=model.dtype,
            device_map="auto" if torch.cuda.is_available() else "cpu",
        )
        self.model = with_own_attention(loaded.eval())
        self.stop_ids = stop_ids(self.tokenizer, self.model.generation_config.eos_token_id)
        # transformers completes every call's settings from these: an instruct base's repetition_penalty, say.
        self.model.generation_config = GenerationConfig()
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
        done: list[Completion] = []
        fitting: dict[Settings, list[Prompted]] = {}
        for request in batch:
            ids, begun = self.renderer.begin(request)
            if len(ids) + request.settings.max_tokens > self.limit:
                done.append(Completion(request, "", PROMPT_TOO_LONG, len(ids), 0))
            else:
                fitting.setdefault(request.settings, []).append(Prompted(request, ids, begun))
        for settings, prompted in fitting.items():
            done += self.generate(prompted, settings)
        self.generate_s += time.monotonic() - started
        return done

    @torch.inference_mode()
    def generate(self, batch: list[Prompted], settings: Settings) -> list[Completion]:
        encoded = self.tokenizer.pad({"input_ids": [each.ids for each in batch]}, return_tensors="pt")
        torch.manual_seed(batch[0].request.seed)
        output = self.model.generate(
            input_ids=encoded["input_ids"].to(self.model.device),
            attention_mask=encoded["attention_mask"].to(self.model.device),
            generation_config=self.generation_config(settings),
        )
        drawn = [ids[encoded["input_ids"].shape[1] :] for ids in output.tolist()]
        return [self.to_completion(*each) for each in zip(batch, drawn, strict=True)]

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
            eos_token_id=self.stop_ids,
            pad_token_id=self.tokenizer.pad_token_id,
            **(shaping if sampled else {}),
        )

    def to_completion(self, prompted: Prompted, drawn: list[int]) -> Completion:
        """Cut the tokens at the first stop token. A completion without one reached its limit."""
        stop = next((at for at, token in enumerate(drawn) if token in self.stop_ids), None)
        text = self.renderer.decode(drawn[:stop])
        tokens = len(drawn) if stop is None else stop + 1
        reason = CUT_OFF if stop is None else FINISHED
        whole = in_think_tags(prompted.begun + text, self.format)
        return Completion(prompted.request, whole, reason, len(prompted.ids), tokens)

    def runtime(self) -> Runtime:
        config, drawn = self.model.config.to_dict(), self.model.generation_config
        dtype = str(self.model.dtype).removeprefix("torch.")
        computes = config.get("quantization_config", {}).get("bnb_4bit_compute_dtype", "")
        return Runtime(
            engine="transformers",
            version=__version__,
            device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
            attention=str(self.model.config._attn_implementation),
            dtype=dtype,
            quantization=quantization_of(config, computes),
            eager=True,
            stop_tokens=tuple(self.tokenizer.convert_ids_to_tokens(self.stop_ids)),
            penalties=(drawn.repetition_penalty or 1.0, 0.0, 0.0),  # transformers knows no others
            template=fingerprint(self.tokenizer.chat_template),
        )

    def timings(self) -> EngineCounts:
        return EngineCounts(engine_s=round(self.generate_s, 3))

    def close(self) -> None:
        pass
