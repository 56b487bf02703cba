"""Every command, link and path that README, docs and `--help` show is true."""

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from bench import scale_plan
from configs.load import ConfigError, load_config
from flows import compare, curves, distill, evaluate, join, judge, lm_eval, preflight, score, settings

COMMANDS = {
    **{"distill": distill, "evaluate": evaluate, "judge": judge, "preflight": preflight, "score": score},
    **{"compare": compare, "curves": curves, "lm-eval": lm_eval, "join": join},
}
PARSERS = {name: command.parse for name, command in COMMANDS.items()}
"""The subcommands of `retort` with a config or files to parse."""
OTHERS = {"fake-server", "settings"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(file for name in ("flows", "bench") for file in (ROOT / name).glob("*.py"))
COMMAND = re.compile(r"(?:\.venv/bin/)?(?:retort [a-z]|python -m (?:flows|bench)\.[a-z_]+\b|make\b)[^`]*")
"""Of a line `.venv/bin/retort distill configs/demo/tiny.yaml --dry-run   # what is set` the whole."""
SCHEDULED = re.compile(r"prefect deployment run 'distill/([^']+)' --param 'overrides=([^']+)'")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def commands(text: str) -> Iterator[str]:
    """Lines that begin a command, each with those that belong to it (after a backslash, or within quotes), and commands
    between backticks."""
    lines = iter(re.sub(r"\\\n\s*", "", text).splitlines())
    for line in lines:
        if COMMAND.fullmatch(line.strip()):
            command = line.strip()
            while is_open(command):
                command += next(lines).strip()
            yield command
    yield from (found for found in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text) if COMMAND.fullmatch(found))


def is_open(command: str) -> bool:
    """Whether a quotation goes on in the next line."""
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return True
    return False


def shown() -> list[tuple[str, str]]:
    """(file, command) of every page and of every module docstring that `--help` prints."""
    found = [(page, command) for page in PAGES for command in commands(page.read_text())]
    found += [(file, command) for file in MODULES for command in commands(file.read_text().split('"""')[1])]
    return [(str(file.relative_to(ROOT)), command) for file, command in found]


def check(command: str) -> None:
    """Parse a command as the program itself would. Errors: AssertionError, ConfigError, SystemExit."""
    program, *words = shlex.split(command.removeprefix(".venv/bin/"), comments=True)
    if program == "make":
        check_make(words)
    elif program == "retort":
        check_retort(words)
    elif words[1].removeprefix("flows.") in PARSERS and not any(word.startswith("[") for word in words):
        check_retort([words[1].removeprefix("flows."), *words[2:]])
    else:  # a bench, or a synopsis with its options in brackets
        check_module(words[1], words[2:])


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        name, is_variable, _ = word.partition("=")
        pattern = rf"\b{name}\b" if is_variable else rf"^{re.escape(word)}:"
        assert word == "…" or re.search(pattern, makefile, re.MULTILINE), f"make knows no {word}"


def check_retort(words: list[str]) -> None:
    """What ends in `.yaml` below `configs/` is shipped and must load; any other file is the reader's own to bring."""
    assert words[0] in {*PARSERS, *OTHERS}, f"retort has no command {words[0]}"
    if words[0] == "settings":
        assert settings.main(words[1:]) == 0
    if len(words) == 1 or words[0] in OTHERS:  # only named
        return
    arguments = PARSERS[words[0]](words[1:])
    if (arguments.config or "").startswith("configs/"):
        assert (ROOT / arguments.config).is_file(), f"{arguments.config} is not shipped"
        load_config(ROOT / arguments.config, getattr(arguments, "overrides", []))


def check_module(module: str, words: list[str]) -> None:
    """The module is there, and its source, or that of the parser which it takes, declares every option shown."""
    source = source_of(module)
    source += "".join(map(source_of, re.findall(r"^from ([\w.]+) import parser_of", source, re.MULTILINE)))
    for option in re.findall(r"--[\w-]+", " ".join(words)):
        assert f'"{option}"' in source, f"{module} has no {option}"


def source_of(module: str) -> str:
    found = importlib.util.find_spec(module)
    assert found is not None and found.origin is not None, f"no module {module}"  # noqa: PT018
    return Path(found.origin).read_text()


def test_commands_are_found() -> None:
    text = "```bash\n.venv/bin/retort distill \\\n    a.yaml 'b=[\n    1]' # why\n```\n"
    text += "as `make demo` and `python -m bench.demo` do"
    assert [*commands(text)] == [".venv/bin/retort distill a.yaml 'b=[1]' # why", "make demo", "python -m bench.demo"]
    assert len(shown()) > 20


@pytest.mark.parametrize(("file", "command"), sorted(set(shown())))
def test_every_command_shown_is_understood(file: str, command: str) -> None:
    check(command)


@pytest.mark.parametrize(
    "command",
    [
        "retort distill configs/demo/tiny.yaml sampling.n=8",  # n and accept exclude each other
        "retort distill configs/tiny.yaml",
        "retort distill configs/demo/tiny.yaml --drY-run",
        "retort judge in.jsonl",
        "python -m bench.nothing",
        "python -m bench.demo --jsom out",
        "make tests",
        "make demo COLOR=red",
    ],
)
def test_a_command_that_fails_is_noticed(command: str) -> None:
    with pytest.raises((AssertionError, ConfigError, SystemExit)):
        check(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_scheduled_runs_have_overrides_that_load(page: Path) -> None:
    for name, overrides in SCHEDULED.findall(page.read_text()):
        (config,) = (ROOT / "configs").glob(f"*/{name}.yaml")
        load_config(config, json.loads(overrides))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        target = (page.parent / link).resolve()
        if "://" not in link:
            assert target.exists(), f"{page.name} links to {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_path_of_this_machine(page: Path) -> None:
    assert not re.search(rf"{re.escape(str(ROOT))}|/work/|/root/|/tmp/", page.read_text())


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "howto").glob("*.md")), ids=lambda page: page.name)
def test_whole_configs_in_howtos_load(page: Path, tmp_path: Path) -> None:
    """A YAML block that begins with `name:` is a whole config."""
    for block in re.findall(r"```yaml\n(name:.*?)```", page.read_text(), re.DOTALL):
        file = tmp_path / "shown.yaml"
        file.write_text(block)
        load_config(file)


def test_readme_is_short_and_shows_a_config_that_loads(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 250
    (block,) = re.findall(r"```yaml\n(name:.*?)```", text, re.DOTALL)
    file = tmp_path / "shown.yaml"
    file.write_text(block)
    load_config(file)


def test_the_plan_shown_is_the_plan_computed() -> None:
    assert scale_plan.table() in (ROOT / "docs" / "scale.md").read_text()
