"""Counts how many real answers the guard of the LLM judge holds back, none of which was written for a judge
(docs/llm_judge.md).

python -m bench.llm_judge [../shared/data]
"""

import sys
from pathlib import Path

from bench.filters import FILES, read
from filters.llm_judge.addresses import addresses_judge
from filters.llm_judge.master_keys import has_content

SHOWN = 3
"""Answers that are printed of each source."""


def main(data: Path) -> None:
    print("source           answers  without content  address a judge")
    for source, file in FILES.items():
        answers = [trace.answer for trace, _ in read(data / file)]
        empty = [answer for answer in answers if not has_content(answer)]
        flagged = [answer for answer in answers if has_content(answer) and addresses_judge(answer)]
        print(f"{source:15} {len(answers):8} {len(empty):16} {len(flagged):16}")
        for answer in [*[one for one in empty if one.strip()][:SHOWN], *flagged[:SHOWN]]:
            print(f"    {' '.join(answer.split())[-200:]!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
