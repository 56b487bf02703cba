"""Byte-level tokenizers without a hub: any text survives them, and they have whatever special tokens a test needs."""

from collections.abc import Sequence

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizer, PreTrainedTokenizerFast

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# DeepSeek-R1-Distill's habits: reasoning cut from assistant turns, `<think>` prefilled in the generation prompt.
STRIPS_AND_PREFILLS = (
    "{% for m in messages %}{% if m.role == 'user' %}<|im_start|>{{ m.content }}"
    "{% else %}<|im_start|>{{ m.content.split('</think>')[-1] }}<|im_end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|><think>\n{% endif %}"
)
# Of Qwen3's chat_template: the end.
OFF = "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
SWITCHES = CHATML.replace("assistant\n", f"assistant\n{OFF}")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def make_byte_tokenizer(
    template: str = CHATML,
    special: Sequence[str] = SPECIAL,
    plain: Sequence[str] = ("<think>", "</think>"),
    eos: str | None = "<|im_end|>",
    bos: str | None = None,
    pad: str | None = None,
    unk: str | None = None,
) -> PreTrainedTokenizerFast:
    """Every byte is a token. `special` and `plain` are further tokens, the latter not special, as Qwen3's tags."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: at for at, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(special))
    tokenizer.add_tokens([token for token in plain if token not in special])
    roles = {"eos_token": eos, "bos_token": bos, "pad_token": pad, "unk_token": unk}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        additional_special_tokens=list(special),
        chat_template=template,
        clean_up_tokenization_spaces=False,
        **{role: token for role, token in roles.items() if token is not None},
    )


class SlowTokenizer(PreTrainedTokenizer):
    """One of transformers' slow tokenizers, in Python: every character below 256 is a token."""

    @property
    def vocab_size(self) -> int:
        return 256

    def get_vocab(self) -> dict[str, int]:
        return {chr(at): at for at in range(256)} | self.added_tokens_encoder

    def _tokenize(self, text: str, **_: object) -> list[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return ord(token)

    def _convert_id_to_token(self, index: int) -> str:
        return chr(index)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return "".join(tokens)


def make_slow_tokenizer(template: str = CHATML) -> SlowTokenizer:
    tokenizer = SlowTokenizer(eos_token="<|im_end|>", additional_special_tokens=list(SPECIAL), chat_template=template)
    tokenizer.add_tokens(["<think>", "</think>"])
    return tokenizer
