"""The page's style and script, and the content security policy that allows these two and nothing else."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

STYLES = ("page.css", "browser.css")
SCRIPTS = ("browser.js", "browser_view.js")


@dataclass(frozen=True, slots=True)
class Assets:
    """What stands inline in the page."""

    style: Markup
    script: Markup
    policy: Markup
    """Content of the policy's meta element. Nothing is loaded, no other style or script runs, and no attribute holds
    either."""


def assets() -> Assets:
    style, script = joined(STYLES), joined(SCRIPTS)
    allowed = {"default-src": "'none'", "style-src": source_of(style), "script-src": source_of(script)}
    allowed |= {"base-uri": "'none'", "form-action": "'none'"}
    policy = "; ".join(f"{directive} {sources}" for directive, sources in allowed.items())
    return Assets(Markup(style), Markup(script), Markup(policy))


def joined(names: tuple[str, ...]) -> str:
    return "\n" + "\n".join((Path(__file__).parent / name).read_text("utf-8") for name in names)


def source_of(text: str) -> str:
    """Return the hash by which a policy allows an inline element with this text (CSP Level 2)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
