"""The rows of `bench/gpu_training.py` as a Markdown table."""

from typing import Any

HEAD = ["case", "s/step", "steps", "tokens/s", "supervised/s", "MFU %", "peak GiB", "held GiB", "estimate GiB", "error"]
GIB = 1 << 30


def table(rows: list[dict[str, Any]]) -> str:
    """One line a case: rates, MFU, peak and reserved memory, and the estimate with its error; or why there is none."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|" + "---:|" * (len(HEAD) - 1)]
    lines += [f"| {row['case']} | {' | '.join(cells(row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def cells(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["error"].splitlines()[0][:60].replace("|", "/"), *[""] * 6, gib(row.get("estimate")), ""]
    return [
        f"{row['step_s']:.3f}",
        str(row["timed_steps"]),
        f"{row['tokens_per_s']:,.0f}",
        f"{row['supervised_per_s']:,.0f}",
        f"{100 * row['mfu']:.1f}" if row["mfu"] else "",
        gib(row["peak"]),
        gib(row["reserved"]),
        gib(row["estimate"]),
        f"{row['estimate_error_percent']:+.1f} %" if "estimate_error_percent" in row else "",
    ]


def gib(size: int | None) -> str:
    return f"{size / GIB:.1f}" if size else ""
