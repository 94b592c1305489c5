"""docs/reference/health.md: the problems that are told, who can act, and from when on, from the code."""

from pathlib import Path

from config.health import HealthSettings
from scheduler.problems import KINDS

WORDS = Path(__file__).with_name("health.md")


def health_page(made: str) -> str:
    """Return the page. Given: the line that says where it comes from."""
    return WORDS.read_text(encoding="utf-8").format(made=made, kinds=_kinds(), settings=_settings())


def _kinds() -> str:
    lines = ["| code | what | for | exit | what to do |", "|---|---|---|---:|---|"]
    told = (
        (kind.code, kind.title, kind.actor.value, str(kind.exit_code), f"{kind.remedy.rstrip('.')}.")
        for kind in KINDS
    )
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in told)])


def _settings() -> str:
    fields = HealthSettings.model_fields.items()
    lines = ["| setting | usually | |", "|---|---:|---|"]
    return "\n".join(
        [*lines, *(f"| `{name}` | {one.default:,} | {one.description} |" for name, one in fields)]
    )
