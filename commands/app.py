"""The verbs, put together."""

import typer

from commands import check, demo, explain, feed, findings, front, keys, load, pausing, run, schedule, status
from commands.audit import audit
from commands.choices import choices
from commands.dpia import dpia
from commands.retention import retention

app = typer.Typer(
    name="viaduct",
    help="Carries what charities know about the people they help across to the council, safely.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback(invoke_without_command=True)(front.front)
app.command("run")(run.run)
app.command("schedule")(schedule.schedule)
app.command("pause")(pausing.pause)
app.command("resume")(pausing.resume)
app.command("check")(check.check)
app.command("status")(status.status)
app.command("findings")(findings.findings)
app.command("explain")(explain.explain)
app.command("load")(load.load)
app.command("feed")(feed.feed)
app.command("demo")(demo.demo)
app.add_typer(dpia, name="dpia")
app.add_typer(keys.keys, name="keys")
app.add_typer(choices, name="choices")
app.add_typer(audit, name="audit")
app.add_typer(retention, name="retention")
