"""Computes what 1, 10 and 100 million traces need from measured and published rates, for the table of docs/scale.md.

Every constant says where it comes from: measured here, with the command, or published, with the source.
"""

MILLION = 1_000_000
GIB, GB = 2**30, 10**9

TOKENS = 6_000
"""Mean completion tokens of a trace. Published: DeepSeek-R1's mean, huggingface.co/blog/open-r1/update-1."""
R1_TRACES_PER_GPU_HOUR = 180_000 / (512 * 24)
"""Published: 180,000 DeepSeek-R1 traces a day on 512 H100 (huggingface.co/blog/open-r1/update-2)."""
TOKENS_PER_GPU_S = 2_353 / 2
"""Completion tokens/s of a 32B teacher on one H100. Published: 2,353 tokens/s of Qwen3-32B in untuned vLLM on ShareGPT,
prompts included (docs.gpustack.ai, performance lab, Qwen3-32B on H100); half of them are assumed to be completions."""
ROWS_PER_S = {"import": 8_100, "judging": 540, "selection": 780, "rendering": 830}
"""Rows per second. Measured with `python -m bench.scale --rows 20000` on one CPU core: import at 20,000
rows, the others from the difference between 6,000 and 20,000 rows, so without the start of processes."""
BENCH_TOKENS = 360
"""Mean length of those rows, at four characters a token. Work is assumed to grow with the text."""
BYTES_PER_TOKEN = 0.70
"""Size of a trace in Parquet (zstd). Measured: 336 long traces of 14,233 tokens on average
(docs/measurements/recorded.md)."""
TEXT_PER_TOKEN = 2.41
"""Characters of text per token. Measured with the same traces."""
RENDERED_PER_TOKEN = 16
"""Two 8-byte integers, `input_ids` and `labels`. Measured: `python -m bench.scale`, bytes/row, text included."""
INDEX_BYTES = {"import": 0, "judging": 60, "selection": 4}
"""Bytes of memory per trace that remain in use, with 4 traces per problem. Import keeps its problems in a file.
Judging: measured with tracemalloc over 1 million traces (a problem's sums, 62 bytes per trace). Selection: derived,
two marks per trace and 8 bytes per problem; the rest is in a file (`INDEX_FILE_BYTES`)."""
INDEX_FILE_BYTES = 300
"""Size of selection's temporary file per trace. Measured over 20,000 synthetic traces, of which 0.37 had a signature
(512 bytes): 295."""
SELECTED = 0.5
"""Share of traces that become rows, as in the demo and in recorded.yaml (docs/measurements/recorded.md: 51.8 %)."""


def column(traces: int) -> list[str]:
    tokens = traces * TOKENS
    rendered = SELECTED * tokens
    hours = {name: traces * TOKENS / BENCH_TOKENS / rate / 3600 for name, rate in ROWS_PER_S.items()}
    hours["rendering"] *= SELECTED
    return [
        f"{tokens / 1e9:,.0f} billion",
        f"{tokens / TOKENS_PER_GPU_S / 3600:,.0f}",
        f"{traces / R1_TRACES_PER_GPU_HOUR:,.0f}",
        f"{tokens * TEXT_PER_TOKEN / GB:,.0f} GB",
        f"{tokens * BYTES_PER_TOKEN / GB:,.0f} GB",
        f"{tokens * BYTES_PER_TOKEN * (2 + SELECTED) / GB:,.0f} GB",
        f"{rendered * (RENDERED_PER_TOKEN + TEXT_PER_TOKEN) / GB:,.0f} GB",
        f"{traces * INDEX_FILE_BYTES / GB:,.1f} GB",
        *(f"{hours[name]:,.0f} h" for name in ROWS_PER_S),
        *(f"{traces * size / GIB:,.2f} GiB" for size in INDEX_BYTES.values()),
    ]


NAMES = (
    "completion tokens",
    "GPU-hours, 32B teacher on H100",
    "GPU-hours, DeepSeek-R1 on H100",
    "text of the traces",
    "sampled traces, Parquet",
    "sampled, judged and selected, Parquet",
    "training's rendered rows",
    "selection's temporary file",
    *(f"{name}, one core" for name in ROWS_PER_S),
    *(f"memory kept by {name}" for name in INDEX_BYTES),
)


def table() -> str:
    """Return the Markdown table, with a line for each quantity and a column for each size."""
    sizes = (MILLION, 10 * MILLION, 100 * MILLION)
    columns = [column(size) for size in sizes]
    head = ["traces", *(f"{size // MILLION} million" for size in sizes)]
    lines = [head, ["---"] + ["---:"] * len(sizes)]
    lines += [[name, *values] for name, *values in zip(NAMES, *columns, strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
