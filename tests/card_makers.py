"""A model card with every part filled in."""

from student.export.card import Card, Funnel, Limits, Made, Recipe
from student.export.licenses import license_of

MADE = Made(stage="select", folder="select-abc", fingerprint="abc")
RECIPE = Recipe(
    stage="sft",
    start="the base",
    rows=4,
    dropped={},
    settings={"method": "sft", "lora.r": 8},
    merged=None,
    steps=3,
    loss=0.5,
    facts=[("duplicates", "1"), ("stop token", "<|im_end|>")],
    histogram={"1024": 3, "2048": 1},
    estimates=[],
)
CARD = Card(
    title="pair: small",
    dtype="bfloat16",
    base="Qwen/Qwen2.5-1.5B",
    base_on_hub=True,
    teacher="big",
    license="mit",
    teacher_license=license_of("Qwen/QwQ-32B"),
    base_license=None,
    system="",
    prompt="{problem}\nThink.",
    reasoning="It thinks.",
    methods=["sft"],
    funnel=Funnel(
        sampled=9,
        accepted=5,
        selected=4,
        problems=4,
        rejected={},
        unknown={},
        left_out={},
    ),
    recipes=[RECIPE],
    scores_table="",
    charts={},
    scores=[],
    benchmarks={},
    formats=[],
    limits=Limits(sources=["a", "b"], languages=None, max_length=64, max_tokens=32, benchmarks=[]),
    lineage=[MADE],
    dataset=MADE,
    packages={"torch": "2"},
    commit=None,
)
