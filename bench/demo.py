"""Where the time of the main job goes: by stage, and the share that is the flow's own.

    python -m bench.demo [configs/demo/tiny.yaml] [key.path=value …] [--json FILE]

Runs the whole job from nothing in a temporary run directory. Stages report the seconds of their engine (its start
included), trainer and verifier. Overhead is the command's wall time less all of these: Prefect, process starts,
imports, hashing, Parquet, the report, and the whole of stages that report none (problems, select, score, publish).
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
    """Wall seconds of the whole command, and the manifests of its stages in the order they started."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        command = [sys.executable, "-m", "flows.distill", config, *overrides, f"run_dir={folder}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        total = time.monotonic() - started
        # The artifacts, not the link `checkpoint` to one of them.
        manifests = [json.loads(path.read_text()) for path in Path(folder).glob("*-*/manifest.json")]
    return total, sorted(manifests, key=lambda manifest: manifest["provenance"]["started"])


def rows_of(total: float, manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`ours` is a stage's wall time, `baseline` what engine, trainer and verifier took of it."""
    rows = []
    for manifest in manifests:
        work = seconds_in(manifest["counts"])
        rows.append(row(manifest["stage"], manifest["provenance"]["wall_s"], work))
    work = sum(entry["baseline"] for entry in rows)
    return [*rows, row("whole", total, work), row("overhead", total - work, total)]


def seconds_in(counts: dict[str, Any]) -> float:
    """Seconds of engine, trainer and verifier, wherever in a manifest's counts they stand."""
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
