"""How much is asked of providers, on which day, and how they are told: what `findings` of site.yaml says."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field

from config.alerts import Address, HttpsLink, MailServer, QuietHours, settled_server
from config.ground import Settings
from config.paths import misplaced
from config.problems import Place, Problem
from config.timetable import Day


class WeeklySettings(Settings):
    """What each provider is asked to mend in a week."""

    day: Day = Field(default=Day.MON, description="On which day a new list is made.")
    top: int = Field(
        default=20, ge=1, le=500, description="How many findings, by their effect on published figures."
    )
    held: int = Field(
        default=10,
        ge=0,
        le=500,
        description="How many new ones that hold a record back may join them before the next list.",
    )

    def list_day(self, today: date) -> date:
        """Return the day of the list that is in force: the last such day, today included."""
        back = (today.weekday() - list(Day).index(self.day)) % 7
        return today - timedelta(days=back)


class NoticeSettings(Settings):
    """Notices by mail: to each provider one when something is new, never every night."""

    mail_server: MailServer | None = Field(default=None, description="Without one, that of alerts.")
    quiet_hours: QuietHours | None = Field(default=None, description="When nobody is written to.")
    rest_days: int = Field(
        default=3, ge=1, le=31, description="Between two notices to one provider; what is new waits."
    )
    reply_to: Address | None = Field(default=None, description="Whom a provider answers; else the sender.")
    link: HttpsLink | None = Field(
        default=None, description="Where worklists are opened; {provider} in it is filled in."
    )


def settled_notices(folder: Path, said: NoticeSettings | None) -> NoticeSettings | None:
    """Return the settings with every path whole."""
    if said is None or said.mail_server is None:
        return said
    return said.model_copy(update={"mail_server": settled_server(folder, said.mail_server)})


def notice_problems(
    folder: Path, said: NoticeSettings | None, place: Place, *, alerts_by_mail: bool
) -> Iterator[Problem]:
    """Yield what no setting by itself shows: no server to write by, a file that is not there."""
    if said is None:
        return
    keys = ("findings", "notices", "mail_server")
    server = said.mail_server
    if server is None and not alerts_by_mail:
        yield place.problem(f"{'.'.join(keys)}: write one here, or under alerts.", *keys)
    if server is not None and server.ca_file is not None and (why := misplaced(folder, server.ca_file)):
        yield place.problem(f"{'.'.join(keys)}.ca_file: {why}", *keys, "ca_file")
