"""Before a run: whether the files of var/state belong together, or a part of them was lost or put back."""

from sync.absorbed import pairs_path
from sync.erased import identity_path
from sync.errors import StateLost
from sync.known_numbers import numbers_path
from sync.linking.table import links_path
from sync.place import Workplace
from sync.proofs import known
from sync.pull import Pulls


def require_whole_state(place: Workplace, waiting: set[str]) -> None:
    """See that nothing of what was sent, and of what was pulled, has been forgotten.

    Given:  the flows with a batch on its way; their files are settled with that batch.
    Errors: StateLost, StateUnreadable.
    """
    settled = [outbox for flow, outbox in place.outboxes.items() if flow not in waiting]
    for outbox in settled:
        outbox.require_whole(place.last_logged(outbox.flow))
    pulls = Pulls(place.pulls_path)
    forgotten = [source for source in pulls.sources if not known(place.safety, source)]
    if forgotten:
        raise StateLost(f"state/safety is lost: which rows told of danger, of {', '.join(forgotten)}.")
    unknown = [name for name in pulls.sources if pulls.knows_identity(name)]
    unknown = [name for name in unknown if not identity_path(place.state, name).exists()]
    if unknown:
        raise StateLost(f"state/identity is lost: who was anonymised with no flag, of {', '.join(unknown)}.")
    if pulls.sources and not pairs_path(place.state).exists():
        raise StateLost("state/absorbed.parquet is lost: whose choice goes on under another record.")
    if pulls.sources and not numbers_path(place.state).exists():
        raise StateLost("state/numbers.parquet is lost: by what an opt-out finds whose source is not read.")
    if pulls.sources and not links_path(place.state).exists():
        raise StateLost("state/links.parquet is lost: which pseudonym each linked person is known by.")
    if pulls.exist:
        return
    if waiting or any(outbox.chain().sequence for outbox in settled):
        raise StateLost("state/pulls.json is lost: how large the last pulls were, and of when.")
    if not place.dry_run:
        pulls.begin()
