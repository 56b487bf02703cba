"""The table of config fields, and of the stages that each rebuilds by itself."""

SHAPES_NOTHING = (
    *("save_steps", "save_total_limit", "logging_steps", "eval_steps", "dataloader_num_workers"),
    *("gradient_checkpointing", "activation_offloading", "ddp_timeout"),
)
"""Of TRL's settings, those that say how often is told and saved, and how memory and time are spent."""
TEACHER, STUDENT = {"sample"}, {"eval", "eval-check", "eval-search"}
OWN_SAMPLES = {"sample-", "judge-", "select-"}
"""The stages that make a dataset of what a model of the run samples."""
JUDGED = {"sample", "judge", "eval-judge"}
# Patterns of fields, and the stages whose own identity they are part of. The first that fits counts.
FIELDS: list[tuple[str, set[str]]] = [
    ("name", {"publish", "report", "export"}),  # a GGUF file is named after the run
    ("run_dir", set()),
    ("distribution.*", set()),
    # What runs where, how fast, and what it costs.
    ("*.engine.*", set()),
    ("*.latency_s", set()),
    ("*.in_flight", set()),
    ("teacher.base_urls", set()),
    ("teacher.api_key_env", set()),
    ("teacher.max_in_flight", set()),
    ("teacher.stream", set()),
    ("teacher.*timeout_s", set()),
    ("teacher.retries", set()),
    ("teacher.max_reply_mib", set()),
    ("teacher.*backoff_s", set()),
    ("teacher.serve.gpus", set()),
    ("teacher.serve.first_port", set()),
    ("teacher.serve.*", TEACHER),
    ("teacher.name", {"sample", "select", "publish"}),
    ("teacher.*", TEACHER),
    # Weights are identified by content or pinned name, by all who read them.
    ("student.path", {"train", *STUDENT, "publish", "export"}),  # the adapter names its base
    ("student.revision", {"train", *STUDENT}),
    ("student.name", {*STUDENT, "publish", "export"}),
    # Weights are saved and exported in the type in which they are evaluated.
    ("student.dtype", {"train", "quantize", *STUDENT, "reference", "export", "publish"}),
    ("student.prompt.*", {*STUDENT, "select", "base"}),
    ("student.template", {"train", *STUDENT}),
    ("student.reasoning*", {"train"}),
    ("student.positions.max_position_embeddings", {"train", *STUDENT}),
    *((f"student.scratch.training.settings.{name}", set()) for name in SHAPES_NOTHING),
    ("student.scratch.*", {"base"}),
    ("student.*", STUDENT),
    ("problems.*", {"problems"}),
    ("benchmarks.held_out.sources.*", {"benchmark"}),
    ("benchmarks.*", STUDENT),  # its own sampling settings and prompt
    ("sampling.shard_size", set()),
    ("sampling.seed", {"problems", "sample"}),  # it orders the problems, too
    ("sampling.speculate", set()),
    ("sampling.price.*", set()),
    ("sampling.reuse", set()),
    ("sampling.logprobs", {"sample", "select"}),  # the dataset has a column more
    ("sampling.second_chances.0.hint", {"sample", "judge"}),
    ("sampling.*", TEACHER),
    ("judging.workers", set()),
    # A measured answer is right or wrong: what would make a bad training row is no fault there.
    ("judging.require_box", {"sample", "judge"}),
    ("judging.min_tokens", {"sample", "judge"}),
    ("judging.max_tokens", {"sample", "judge"}),
    ("judging.repetition*", {"sample", "judge"}),
    ("judging.language*", {"sample", "judge"}),
    ("judging.reject_refusals", {"sample", "judge"}),
    ("judging.equations*", {"sample", "judge"}),
    ("judging.*", JUDGED),
    # What is asked, how often, and what is made of the replies.
    ("second_opinion.sampling.shard_size", set()),
    ("second_opinion.sampling.price.*", set()),
    ("second_opinion.sampling.n", {"opinion-replies", "second-opinion"}),
    ("second_opinion.sampling.*", {"opinion-replies"}),
    ("second_opinion.judge.*", {"opinion-replies"}),
    ("second_opinion.rubric.prompt", {"opinion-questions"}),
    ("second_opinion.rubric.*", {"second-opinion"}),
    ("second_opinion.accept", {"second-opinion", "select"}),  # the selection needs it
    ("second_opinion.min_kappa", {"second-opinion"}),
    ("second_opinion.*", {"opinion-questions"}),
    ("scorers.wise.sampling.shard_size", set()),
    ("scorers.wise.sampling.price.*", set()),
    ("scorers.wise.aggregate", {"select"}),
    ("scorers.wise.*", {"score-traces"}),  # its questions, replies and scores
    ("scorers.*.batch_tokens", set()),
    ("scorers.*.vllm.*", set()),
    ("scorers.prm.aggregate", {"select"}),
    ("scorers.exact.aggregate", {"curves"}),
    ("scorers.prm.*", {"score-traces"}),
    ("scorers.orm.*", {"eval-scores"}),
    ("selection.scorer", {"score-traces", "select"}),
    ("selection.*", {"select"}),
    *((f"training.0.settings.{name}", set()) for name in SHAPES_NOTHING),
    ("training.0.settings.vllm_server*", set()),
    ("training.0.name", set()),
    ("training.0.start", set()),  # of the first stage: the base either way
    ("training.0.settings.per_device_eval_batch_size", set()),
    ("training.0.prompts.order", {"train"}),
    ("grpo:training.0.prompts.*", {"prompts"}),
    (
        "training.0.rounds.most",
        {*OWN_SAMPLES, "train", "eval", "eval-judge", "round-check", "score", "score-traces", "report"},
    ),
    ("training.0.rounds.benchmark", set()),  # the first one either way
    ("training.0.data.0.from.sample", set()),  # before the first stage: the base either way
    ("training.0.data.0.from.selection", {"select-"}),
    ("training.0.data.0.from.problems", {"problems-"}),
    ("training.0.data.0.from.*", {"sample-"}),
    ("training.0.data.0.weight", {"train"}),
    ("training.0.data.0.epochs", {"train"}),
    ("training.0.data.0.max_per_problem", {"pairs", "step-labels"}),
    *((f"training.0.data.0.{name}", {"step-labels"}) for name in ("search", "n", "temperature", "top_p", "max_tokens")),
    ("training.0.data.0.form", {"labels"}),
    ("training.0.data.*", {"rows", "pairs-imported", "labels", "step-labels"}),
    ("training.0.labels", {"pairs", "train"}),
    ("training.*", {"train"}),
    ("launch.*", set()),
    ("evaluation.shard_size", set()),
    ("evaluation.stages", set()),  # there is one stage, and it makes the student
    ("evaluation.require_box", {"eval-judge", "score"}),  # with it nothing is read leniently
    ("evaluation.extraction", {"eval-judge", "score"}),
    ("evaluation.tolerance.*", {"score"}),
    ("evaluation.gate.*", set()),  # what it says is an exit status
    ("evaluation.mix_runtimes", {"score"}),
    ("evaluation.cross_check.problems", {"check"}),
    ("evaluation.cross_check.batch_size", {"eval-check"}),
    ("evaluation.models.*.precisions", {"score", "curves"}),
    *((f"evaluation.models.other.{name}", {"quantize", *STUDENT}) for name in ("path", "revision", "dtype")),
    ("evaluation.models.other.*", STUDENT),
    ("evaluation.rerank", {"eval-scores", "curves"}),
    ("evaluation.search", {"eval-search", "eval-judge", "curves"}),  # the rerankers have the scores already
    ("evaluation.search.0.scorer", {"eval-search", "eval-scores", "curves"}),
    *((f"evaluation.search.0.{name}", {"eval-search", "curves"}) for name in ("aggregate", "width", "simulations")),
    ("evaluation.search.0.*", {"eval-search"}),
    ("evaluation.n", {"eval", "eval-check"}),  # a search finds one trace of a problem
    ("evaluation.budgets.think", {"budgets", "budgets-judge", "curves"}),  # they are further stages
    ("evaluation.budgets.wait", {"budgets", "budgets-judge", "curves"}),
    ("evaluation.budgets.*", set()),  # without budgets and a teacher that is measured they say nothing
    ("evaluation.max_tokens", {*STUDENT, "publish"}),
    ("evaluation.*", STUDENT),
    ("publishing.formats", {"export", "reference", "publish"}),  # the publication needs fewer of them
    ("publishing.check.min_agreement", set()),  # what is refused has no artifact
    ("publishing.check.*", {"reference"}),
    ("publishing.*", {"publish"}),
]
