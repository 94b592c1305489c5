"""Where one record went."""

from typing import Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, SiteOption, known, opened, site_folder

NO_REASON = ("no reason is kept", "the assessment gives the reason with the field it is made coarser from")


def explain(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="The CRM's own reference of the record.")],
    source: Annotated[str | None, typer.Option(help="Look in this source only.")] = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Tell where one record went.

    Delivered in which batch with which fields, or held or withheld, and why; from what was remembered alone.
    For the operator: it names no recipient, no day and no value. Who was told of a person: audit person.
    """
    from sync.explain import explain as told_of
    from sync.place import look

    place = opened(site_folder(context, site))
    known([source] if source else None, sorted(place.sources), "source")
    with look(place) as workplace:
        told = told_of(workplace, reference, source)
    if json:
        say.as_json(told)
    else:
        _show(told)
    return 0


def _show(told: dict[str, Any]) -> None:
    known_to = [part for part in told["sources"] if part["flows"] or part["findings"]]
    if not known_to:
        say.words(f"Nothing is known of {told['reference']}: no run has seen a record of that reference.")
    for part in known_to:
        say.data(f"{told['reference']} in {part['source']}, last pulled {say.local(part['pulled_at'])}:")
        for flow in part["flows"]:
            for record in flow["records"]:
                say.data(f"  {flow['flow']}: {record['entity']} {_fate(record)}")
                for field in record.get("fields", []):
                    why = field["why"] or NO_REASON[field["treatment"] == "generalise"]
                    say.data(f"      {field['field']}: {field['treatment']} ({why})")
        for finding in part["findings"]:
            place = f"{finding['entity']}, {finding['field']}"
            say.data(f"  finding {finding['check']} on {place}: {finding['message']}")
            say.data(f"      {finding['mend']}")


def _fate(record: dict[str, Any]) -> str:
    if record["fate"] == "sent":
        return f"was sent, last in batch {record['batch']}"
    return f"is {record['fate']}: {record['reason'].replace('_', ' ')}"
