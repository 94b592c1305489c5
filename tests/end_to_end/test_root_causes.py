"""A cause planted in an export, from the night that finds it to the verb that says it."""

import copy
import json
from pathlib import Path

import pytest

from commands import main
from commands.data_quality import build_data_quality, tables_of
from commands.pages import site_worklists
from quality import Cause, CountStore
from tests.nights import NightSite
from tests.small_sample import small_sample


def test_referrals_by_web_form_without_a_referrer_are_told_as_one_cause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some of the hub's referrals came by web form, and almost only those lack who made them: all counted.

    The provider's worklist says it. What is written down, and the data team's page and tables, hold codes and
    counts and no record's reference; a provider that the assessment keeps out of a flow is in no table.
    """
    sample = copy.deepcopy(small_sample())
    rows = sample.table("hub", "referrals")
    for row in rows:
        row["Referral Method"] = row["Referral Method"].replace("Web form", "Letter")
    ordinary = [row for row in rows if row["Referrer ID"] and row["Referral Method"] != "Portal"]
    for at, row in enumerate(ordinary):
        by_web_form = at % 3 == 0
        row["Referral Method"] = "Web form" if by_web_form else "Telephone"
        row["Referrer Type"] = "" if (by_web_form and at % 7) or at == 1 else row["Referrer Type"]
    night = NightSite.of(tmp_path / "site", sample)
    kept = night.site.var / "quality"
    night.first_night()
    (cause,) = [one for one in CountStore(kept).causes(["hub"]) if one.check == "REF-04"]
    web_form = [row for row in ordinary if row["Referral Method"] == "Web form"]
    without = [row for row in web_form if not row["Referrer Type"]]
    assert cause == Cause(
        *("hub", "referral", "REF-04", "referrer_type", "referral_method", "web form"),
        found=len(without),
        findings=cause.findings,
        asked_with=len(web_form),
        asked=cause.asked,
    )
    assert len(without) < cause.findings <= len(without) + 4
    assert len(ordinary) <= cause.asked <= len(rows)
    assert main(["findings", "--provider", "hub", "--json", "--site", str(night.folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    sentences = {one["cause"] for one in told if one["check"] == "REF-04"}
    assert sentences == {cause.sentence}
    assert "are referrals that came by: Web form" in cause.sentence
    references = {one["record"] for one in told}
    assert not any(name in (kept / "hub.causes.json").read_text(encoding="utf-8") for name in references)
    (worklist,) = [each for each in site_worklists(night.site) if each.provider.id == "hub"]
    assert cause.sentence in worklist.html().decode()
    pages = build_data_quality(night.site, tables_of(night.site))
    text = {path.name: path.read_text(encoding="utf-8-sig") for path in pages if path.suffix != ".parquet"}
    assert cause.sentence in text["index.html"]
    assert "domestic_abuse" not in "".join(text[name] for name in text if name != "index.html")
    assert not any(reference in content for reference in references for content in text.values())
