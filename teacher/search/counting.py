"""What the searches of a sampling stage took."""

from dataclasses import fields
from pathlib import Path

from records.counts import SamplingCounts, SamplingPart
from records.rows import CUT_OFF
from records.search_counts import SearchCounts, SearchedCounts
from teacher.sampling.shard_files import all_accounts


def with_search(counts: SamplingCounts, folder: Path, parts: list[SamplingPart]) -> SearchedCounts:
    """Return the counts of a stage with those of its searches. `parts` is what its workers returned."""
    whole = all_accounts(folder).total()
    search = SearchCounts(
        expansions=whole.expansions,
        tokens=whole.reasoning_tokens + whole.answer_tokens,
        kept_tokens=whole.kept_tokens,
        unscored=whole.unscored,
        nothing_found=counts.finish_reasons.get(CUT_OFF, 0),
        abandoned_tokens=sum(part.abandoned_tokens for part in parts),
    )
    return SearchedCounts(**{field.name: getattr(counts, field.name) for field in fields(counts)}, search=search)
