"""Providers are asked: worklists in real drops, notices over a real mail server, through weeks of nights."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from commands import asking
from commands.asking import AskRound, ask_providers, notify_providers
from common import clock
from config.alerts import MailServer, QuietHours
from config.findings import FindingSettings
from config.site import Site, load_site
from config.weekly import NoticeSettings, WeeklySettings
from config.worklists import ProviderNotices, Worklist
from connectors.notice_mail import NoticeNotSent
from quality import FINDINGS, FindingStore
from quality.asked import AskedStore
from quality.life import Action
from scheduler.health import look_at_health
from scheduler.worklist_state import read_state, state_path
from tests.alert_servers import PASSWORD, MailBox, mail_server
from tests.reliability.certificates import Authority

MONDAY = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CANARY = "CANARY-7781"
HELD = "hold_record"


@dataclass
class Asking:
    """A site whose hub has a drop and a mailbox."""

    site: Site
    box: MailBox
    drop: Path

    def night(self, at: datetime, *records: str, held: tuple[str, ...] = ()) -> AskRound:
        """Find these records wanting, then ask."""
        self.found(at, *records, held=held)
        return self.ask(at)

    def found(self, at: datetime, *records: str, held: tuple[str, ...] = ()) -> None:
        """Record what a night found of the hub: a missing gender each, or what holds a record."""
        rows = [("hub", "person", name, 7, "PER-11", "gender", "warning", "none", "") for name in records] + [
            ("hub", "person", name, 7, "PER-01", "org_person_id", "error", HELD, "") for name in held
        ]
        FindingStore.of(self.site).record(
            pl.DataFrame(rows, schema=FINDINGS, orient="row"), f"run-{at:%Y%m%d}", ["hub"], at
        )

    def ask(self, at: datetime) -> AskRound:
        with clock.frozen(at):
            return ask_providers(self.site)

    def notify(self, at: datetime) -> AskRound:
        with clock.frozen(at):
            return notify_providers(self.site)

    def change(self, **notices: Any) -> None:
        """Change what site.yaml says of notices."""
        said = self.site.findings.notices
        assert said is not None
        settings = self.site.findings.model_copy(update={"notices": said.model_copy(update=notices)})
        self.site = replace(self.site, findings=settings)

    def provider(self, **changed: Any) -> None:
        """Change what providers.yaml says of the hub."""
        hub = self.site.providers["hub"].model_copy(update=changed)
        self.site = replace(self.site, providers={**self.site.providers, "hub": hub})

    @property
    def listed(self) -> list[str]:
        """Return the records on the worklist that lies in the drop."""
        text = (self.drop / "worklist-hub.csv").read_text(encoding="utf-8-sig")
        return [line.split('","')[1] for line in text.splitlines()[1:]]

    @property
    def headings(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.box.mails]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the file of an authority, and a certificate that it signed for the mail server."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    return authority.file, authority.certificate("mail")


@pytest.fixture
def hub(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Asking]:
    """Yield the site."""
    shutil.copytree("config/example", tmp_path / "site", ignore=shutil.ignore_patterns("var"))
    (tmp_path / "drop").mkdir()
    with mail_server(certificate[1]) as box:
        made = Asking(_site(tmp_path, certificate[0], box.port), box, tmp_path / "drop")
        yield made


def _site(folder: Path, ca_file: Path, port: int) -> Site:
    (folder / "mail").write_text(PASSWORD, encoding="utf-8")
    (folder / "mail").chmod(0o600)
    server = MailServer.model_validate(
        {
            "host": "127.0.0.1", "port": port, "sender": "data@council.example", "user": "viaduct",
            "user_secret": f"file:{folder / 'mail'}", "ca_file": str(ca_file), "wait_seconds": 2,
        }
    )  # fmt: skip
    site = load_site(folder / "site")
    providers = {
        name: one.model_copy(update={"worklist": Worklist(), "notices": ProviderNotices(off=True)})
        for name, one in site.providers.items()
    }
    providers["hub"] = providers["hub"].model_copy(
        update={"worklist": Worklist(folder=str(folder / "drop")), "notices": ProviderNotices()}
    )
    settings = FindingSettings(
        weekly=WeeklySettings(top=3, held=1),
        notices=NoticeSettings(mail_server=server, rest_days=1, reply_to="team@council.example"),
    )
    return replace(site, providers=providers, findings=settings)


def names(*numbers: int) -> list[str]:
    return [f"P{number:03}" for number in numbers]


def test_a_first_night_is_kind(hub: Asking) -> None:
    """Of forty gaps three are asked this week; the page says how many more there are, and the mail how long
    they take. What it took is written down by week.
    """
    done = hub.night(MONDAY, *names(*range(40)))
    assert (done.laid, done.noticed, done.errors) == (["hub"], ["hub"], [])
    assert len(hub.listed) == 3
    assert sorted(path.name for path in hub.drop.iterdir()) == [
        "worklist-hub.csv", "worklist-hub.html", "worklist-hub.xlsx", "worklist.json",
    ]  # fmt: skip
    assert "37" in (hub.drop / "worklist-hub.html").read_text(encoding="utf-8")
    assert hub.headings == ["Records to mend: 3 new (Stockport (example))"]
    burden = AskedStore.of(hub.site).burden().filter(pl.col("provider") == "hub")
    assert burden.select("week", "findings").rows() == [("2026-W10", 3)]
    assert burden["minutes"].sum() > 0


def test_through_the_week_the_list_grows_shorter_and_is_laid_only_when_it_changes(hub: Asking) -> None:
    """What is mended leaves it, nothing new comes before Monday, and a night without news does nothing."""
    hub.night(MONDAY, *names(1, 2, 3, 4, 5))
    first = hub.listed
    stamps = {path: path.stat().st_mtime_ns for path in hub.drop.iterdir()}
    quiet = hub.night(MONDAY + DAY, *names(1, 2, 3, 4, 5, 6))
    assert (quiet.laid, quiet.noticed) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in hub.drop.iterdir()} == stamps
    left = [name for name in names(1, 2, 3, 4, 5, 6) if name != first[0]]
    assert hub.night(MONDAY + 2 * DAY, *left).laid == ["hub"]
    assert hub.listed == first[1:]
    hub.night(MONDAY + 7 * DAY, *left)
    assert len(hub.listed) == 3
    assert len(hub.box.mails) == 2


def test_what_newly_holds_a_record_is_asked_and_told_at_once(hub: Asking) -> None:
    """One of them, as the site agreed; the other waits for Monday."""
    hub.night(MONDAY, *names(1, 2, 3, 4))
    done = hub.night(MONDAY + DAY, *names(1, 2, 3, 4), held=("P900", "P901"))
    assert (done.laid, done.noticed) == (["hub"], ["hub"])
    assert len([name for name in hub.listed if name.startswith("P90")]) == 1
    assert hub.headings[-1] == "Records to mend: 1 new (Stockport (example))"
    assert "Records held back until they are mended: 1." in hub.box.mails[-1].get_content()


def test_what_becomes_overdue_is_told_once(hub: Asking) -> None:
    """On the first night after its day; the nights after are quiet."""
    told = []
    for day in (0, 1, 27, 28, 29, 30):
        done = hub.night(MONDAY + day * DAY, *names(1, 2))
        told += [day] if done.noticed else []
    assert told == [0, 29]
    assert hub.headings[-1] == "Records to mend: 2 newly overdue (Stockport (example))"


def test_between_two_notices_there_is_rest(hub: Asking) -> None:
    """What is new meanwhile waits, and is told together."""
    hub.change(rest_days=3)
    hub.night(MONDAY, *names(1))
    assert hub.night(MONDAY + DAY, *names(1), held=("P900",)).noticed == []
    assert hub.night(MONDAY + 2 * DAY, *names(1), held=("P900",)).noticed == []
    assert hub.night(MONDAY + 3 * DAY, *names(1), held=("P900",)).noticed == ["hub"]


def test_in_quiet_hours_nobody_is_written_to_and_afterwards_one_round_does(hub: Asking) -> None:
    """The run is at night; `health --alert` of the morning sends what waits, once."""
    hub.change(quiet_hours=QuietHours.model_validate({"from": "20:00", "until": "07:30"}))
    assert hub.night(MONDAY, *names(1)).noticed == []
    assert hub.notify(MONDAY + timedelta(hours=2)).noticed == []
    assert hub.notify(MONDAY + timedelta(hours=4)).noticed == ["hub"]
    assert hub.notify(MONDAY + timedelta(hours=5)).noticed == []
    assert len(hub.box.mails) == 1


def test_a_notice_speaks_of_the_workbook_only_where_there_is_one(hub: Asking) -> None:
    """Whoever gets the page alone is told whom to tell; the CSV file is called what it is."""
    for at, (forms, said) in enumerate(
        [
            (["html", "xlsx", "csv"], "in the workbook: see its sheet How to answer."),
            (["html", "csv"], "in the last three columns of the CSV file."),
            (["html"], "you can tell the council's data team."),
        ]
    ):
        hub.provider(worklist=Worklist(folder=str(hub.drop), forms=forms))
        hub.night(MONDAY + 7 * at * DAY, *names(*range(at + 1)))
        text = " ".join(hub.box.mails[-1].get_content().split())
        assert said in text
        assert ("sheet" in text) == ("xlsx" in forms)


def test_a_notice_holds_counts_ages_and_a_link_and_nothing_of_a_record(hub: Asking) -> None:
    """No reference of a record, no code of a finding, no path of a machine; each reads it alone."""
    hub.provider(notices=ProviderNotices(mail=["a@hub.example", "b@hub.example"]))
    hub.change(link="https://sp.example/{provider}")
    hub.night(MONDAY - 3 * DAY, CANARY)
    hub.night(MONDAY, CANARY, *names(1))
    assert CANARY in hub.listed
    for mail in hub.box.mails:
        text = str(mail)
        assert CANARY not in text
        assert not re.search(r"F[a-z2-7]{16}|PER-\d\d|P001", text)
        assert str(hub.drop) not in text
        assert "https://sp.example/hub" in text
        assert str(mail["Reply-To"]) == "team@council.example"
        assert mail["Auto-Submitted"] == "auto-generated"
    assert [str(mail["To"]) for mail in hub.box.mails] == ["a@hub.example", "b@hub.example"] * 2
    assert len({str(mail["Message-ID"]) for mail in hub.box.mails}) == 4
    assert "The oldest has been open for 3 days." in hub.box.mails[-1].get_content()


def test_nothing_of_a_record_stands_in_what_is_remembered_of_asking(hub: Asking) -> None:
    """Codes, minutes, digests and instants; neither a reference nor an address."""
    hub.night(MONDAY, CANARY)
    for name in ("asked.sqlite", "worklists.json"):
        content = (hub.site.var / "state" / name).read_bytes()
        assert CANARY.encode() not in content
        assert b"hub.example" not in content


def test_a_drop_that_fails_is_told_tried_again_and_holds_its_notice_back(hub: Asking) -> None:
    """Nobody is sent to a list that is not there; the operator has a problem until it lies there."""
    shutil.rmtree(hub.drop)
    done = hub.night(MONDAY, *names(1))
    assert [error.code for error in done.errors] == ["E941"]
    assert (done.noticed, hub.box.mails) == ([], [])
    assert problems(hub, MONDAY) == [("H108", "worklist of hub", 1)]
    hub.ask(MONDAY + DAY)
    assert problems(hub, MONDAY + DAY) == [("H108", "worklist of hub", 2)]
    hub.drop.mkdir()
    done = hub.ask(MONDAY + 2 * DAY)
    assert (done.laid, done.noticed, problems(hub, MONDAY + 2 * DAY)) == (["hub"], ["hub"], [])


def problems(hub: Asking, at: datetime) -> list[tuple[str, str | None, int]]:
    with clock.frozen(at):
        found = look_at_health(hub.site).problems
    return [(one.code, one.about, one.count) for one in found if one.code in ("H108", "H109")]


def test_what_one_provider_s_drop_meets_is_not_the_others(hub: Asking, tmp_path: Path) -> None:
    """The hub's folder is gone; the domestic abuse service has its list all the same, and its own alone."""
    other = hub.site.providers["domestic_abuse_support"].model_copy(
        update={"worklist": Worklist(folder=str(tmp_path / "other"))}
    )
    hub.site = replace(hub.site, providers={**hub.site.providers, "domestic_abuse_support": other})
    (tmp_path / "other").mkdir()
    shutil.rmtree(hub.drop)
    done = hub.night(MONDAY, CANARY)
    assert (done.laid, [error.code for error in done.errors]) == (["domestic_abuse_support"], ["E941"])
    for path in (tmp_path / "other").iterdir():
        assert CANARY.encode() not in path.read_bytes()
        assert "hub" not in path.name


def test_a_mail_server_that_fails_is_told_and_what_was_not_sent_is_sent_once(hub: Asking) -> None:
    """Of two addresses the one that took it is not written to again; the other is, under the same name."""
    hub.provider(notices=ProviderNotices(mail=["a@hub.example", "b@hub.example"]))
    real, sends = asking_send(hub), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.notice_mail.send_notice", failing_after(real, 1, sends))
        done = hub.night(MONDAY, *names(1))
    assert [error.code for error in done.errors] == ["E946"]
    assert problems(hub, MONDAY) == [("H109", "notice of hub", 1)]
    assert hub.notify(MONDAY + timedelta(hours=1)).noticed == ["hub"]
    assert [str(mail["To"]) for mail in hub.box.mails] == ["a@hub.example", "b@hub.example"]
    ids = {str(mail["Message-ID"]).split(".")[0] for mail in hub.box.mails}
    assert len(ids) == 1
    assert problems(hub, MONDAY + DAY) == []


def asking_send(_: Asking) -> Any:
    from connectors.notice_mail import send_notice

    return send_notice


def failing_after(real: Any, number: int, sends: list[int]) -> Any:
    def send(*given: Any) -> None:
        sends.append(1)
        if len(sends) > number:
            raise NoticeNotSent("mail server: away.")
        real(*given)

    return send


def test_an_address_that_is_refused_keeps_nobody_else_from_the_notice(hub: Asking) -> None:
    """The operator is told of it, in words that do not repeat it; the others are written to once."""
    hub.provider(notices=ProviderNotices(mail=["gone@hub.example", "b@hub.example"]))
    hub.box.refuse.add("gone@hub.example")
    done = hub.night(MONDAY, *names(1))
    (error,) = done.errors
    assert (error.code, "gone@" in str(error), "talks too much" in str(error)) == ("E946", False, False)
    assert problems(hub, MONDAY) == [("H109", "notice of hub", 1)]
    assert hub.notify(MONDAY + 2 * DAY).noticed == []
    assert [str(mail["To"]) for mail in hub.box.mails] == ["b@hub.example"]


def test_where_everybody_refuses_nobody_counts_as_told(hub: Asking) -> None:
    """Once the address is right the news is still news."""
    hub.box.refuse.add("data@hub.example")
    assert hub.night(MONDAY, *names(1)).noticed == []
    hub.provider(notices=ProviderNotices(mail=["right@hub.example"]))
    assert hub.notify(MONDAY + DAY).noticed == ["hub"]


def test_killed_between_doing_and_remembering_it_is_done_again_to_the_same_end(hub: Asking) -> None:
    """The drop holds the same bytes, the mail has the same Message-ID, and then there is quiet."""
    hub.found(MONDAY, *names(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.worklist_state.write_state", killed)
        with pytest.raises(KeyboardInterrupt):
            hub.ask(MONDAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "_write_down", killed_once_mail_is_out(hub))
        with pytest.raises(KeyboardInterrupt):
            hub.ask(MONDAY)
    assert hub.ask(MONDAY + timedelta(minutes=5)).noticed == ["hub"]
    assert hub.ask(MONDAY + DAY).noticed == []
    assert len({str(mail["Message-ID"]) for mail in hub.box.mails}) == 1
    assert len(hub.box.mails) == 2
    assert hub.listed == names(1)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def killed_once_mail_is_out(hub: Asking) -> Any:
    real = asking._write_down

    def write(*given: Any) -> None:
        if hub.box.mails:
            raise KeyboardInterrupt
        real(*given)

    return write


def test_a_provider_that_wants_no_notices_gets_its_worklist_alone(hub: Asking) -> None:
    """Opting out is a line of providers.yaml."""
    hub.provider(notices=ProviderNotices(off=True))
    done = hub.night(MONDAY, *names(1))
    assert (done.laid, done.noticed, hub.box.mails) == (["hub"], [], [])


def test_whoever_wants_everything_gets_it_every_night(hub: Asking) -> None:
    """All that is found, what rests included."""
    hub.provider(worklist=Worklist(folder=str(hub.drop), everything=True))
    hub.night(MONDAY, *names(*range(40)))
    assert len(hub.listed) == 40
    hub.night(MONDAY + DAY, *names(*range(41)))
    assert len(hub.listed) == 41


def test_what_is_answered_leaves_the_list(hub: Asking) -> None:
    """An accepted gap is asked for no more until its day has come."""
    hub.night(MONDAY, *names(1, 2))
    (code,) = [one.code for one in FindingStore.of(hub.site).open("hub") if one.record == "P001"]
    FindingStore.of(hub.site).acted([code], Action.ACCEPT, "hub", "asked_unknown", MONDAY, until="2026-06-01")
    hub.night(MONDAY + DAY, *names(1, 2))
    assert hub.listed == ["P002"]


def test_what_left_the_list_is_told_on_the_page_until_it_is_closed(hub: Asking) -> None:
    """Whoever mended or answered sees that it was taken: under nothing to do, and in no spreadsheet."""
    hub.night(MONDAY, *names(1, 2, 3, 4))
    first = FindingStore.of(hub.site).open("hub")
    (code,) = [one.code for one in first if one.record == "P001"]
    FindingStore.of(hub.site).acted([code], Action.DISPUTE, "hub", "check_is_wrong", MONDAY)
    assert hub.ask(MONDAY + DAY).laid == ["hub"]
    text = (hub.drop / "worklist-hub.html").read_text(encoding="utf-8")
    to_do, resting = text.split("Nothing to do for now")
    assert ("P001" in to_do, "P001" in resting, "Disputed, with the data team" in resting) == (
        False, True, True,
    )  # fmt: skip
    assert hub.listed == names(2, 3)


@pytest.mark.parametrize("forms", [("html", "csv", "xlsx"), ("html", "csv"), ("html",)])
def test_the_page_in_a_drop_leads_to_the_files_that_lie_beside_it(hub: Asking, forms: Any) -> None:
    """By the names that they have there, and to none that the provider does not get."""
    hub.provider(worklist=Worklist(folder=str(hub.drop), forms=forms))
    hub.night(MONDAY, *names(1))
    text = (hub.drop / "worklist-hub.html").read_text(encoding="utf-8")
    leads = set(re.findall(r'href="([^"#:]+)"', text))
    assert leads == {f"worklist-hub.{form}" for form in forms if form != "html"}
    assert leads <= {path.name for path in hub.drop.iterdir()}


def test_a_list_that_is_empty_is_laid_too(hub: Asking) -> None:
    """Whoever has mended everything sees that; no mail is written about nothing."""
    hub.night(MONDAY, *names(1))
    done = hub.night(MONDAY + DAY)
    assert (done.laid, done.noticed, hub.listed) == (["hub"], [], [])


def test_a_state_that_cannot_be_read_lays_again_rather_than_never(hub: Asking) -> None:
    """And the notice that was told stays told: that stands elsewhere."""
    hub.night(MONDAY, *names(1))
    state_path(hub.site).write_text('{"laid": 7}', encoding="utf-8")
    done = hub.ask(MONDAY + DAY)
    assert (done.laid, done.noticed) == (["hub"], [])
    assert read_state(hub.site).laid["hub"].files == (
        "worklist-hub.csv", "worklist-hub.html", "worklist-hub.xlsx",
    )  # fmt: skip


def test_two_rounds_at_once_ask_once(hub: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one process is at it, another leaves it alone."""
    inner: list[AskRound] = []
    real = asking._into_drop

    def twice(*given: Any) -> None:
        inner.append(hub.ask(MONDAY))
        real(*given)

    monkeypatch.setattr(asking, "_into_drop", twice)
    hub.night(MONDAY, *names(1))
    assert [one.busy for one in inner] == [True]


def test_what_nobody_foresaw_fails_no_run_and_no_other_provider(
    hub: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of ours with its place, and no word of what it says."""

    def broken(*_: Any) -> None:
        raise TypeError(CANARY)

    monkeypatch.setattr(asking, "_into_drop", broken)
    done = hub.night(MONDAY, *names(1))
    (error,) = done.errors
    assert CANARY not in str(error)
    assert error.where.startswith("worklist of hub: TypeError in ")
