"""Measures where the time of a whole run goes: by stage, and the flow's own overhead.

    python -m bench.demo [configs/demo/tiny.yaml] [key.path=value …] [--json FILE]

It runs everything anew in a temporary run directory. Stages report the seconds of their engine (its start included),
trainer and verifier. Overhead is the command's wall time minus all of these: Prefect, process starts, imports, hashing,
Parquet, the report, and all the time of stages that report none (problems, select, score, publish).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WORK = ("engine_s", "trainer_s", "verifier_s")


def measure(config: str, overrides: list[str]) -> tuple[float, list[dict[str, Any]]]:
    """Return the wall seconds of the whole command, and the manifests of its stages in the order of their start."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        command = [sys.executable, "-m", "flows.distill", config, *overrides, f"run_dir={folder}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        total = time.monotonic() - started
        # The pattern matches the artifacts, but not the link `checkpoint`.
        manifests = [json.loads(path.read_text()) for path in Path(folder).glob("*-*/manifest.json")]
    return total, sorted(manifests, key=lambda manifest: manifest["provenance"]["started"])


def rows_of(total: float, manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row per stage: `ours` is its wall time, `baseline` the part of engine, trainer and verifier."""
    rows = []
    for manifest in manifests:
        work = seconds_in(manifest["counts"])
        rows.append(row(manifest["stage"], manifest["provenance"]["wall_s"], work))
    work = sum(entry["baseline"] for entry in rows)
    return [*rows, row("whole", total, work), row("overhead", total - work, total)]


def seconds_in(counts: dict[str, Any]) -> float:
    """Add up the seconds of engine, trainer and verifier at any depth of a manifest's counts."""
    inner = sum(seconds_in(value) for value in counts.values() if isinstance(value, dict))
    return inner + sum(float(counts.get(name) or 0.0) for name in WORK)


def row(name: str, ours: float, baseline: float) -> dict[str, Any]:
    ratio = round(ours / baseline, 3) if baseline else None
    return {"name": name, "ours": round(ours, 2), "baseline": round(baseline, 2), "ratio": ratio, "unit": "s"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="configs/demo/tiny.yaml")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = rows_of(*measure(arguments.config, arguments.overrides))
    print(f"{'stage':36}{'wall s':>10}{'engine, trainer, verifier s':>30}{'ratio':>8}")
    for entry in rows:
        print(f"{entry['name']:36}{entry['ours']:>10.1f}{entry['baseline']:>30.1f}{entry['ratio'] or '':>8}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
