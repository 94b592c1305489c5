"""What can stop the figures from being built: errors about the warehouse file, never about a record."""

from common.errors import Answer, Failure, ViaductError


class WarehouseNotThere(ViaductError):
    """The warehouse file that the figures are counted from does not exist or cannot be opened."""

    code = "E950"
    exit_code = 50
    title = "The warehouse cannot be read, so no figures were built."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Load a batch first, then: python run_sync.py load"


class FeedNotReadable(ViaductError):
    """A published figures.json is not one this version of Viaduct can read."""

    code = "E951"
    exit_code = 50
    title = "The published figures cannot be read."
    answer = Answer.PUT_RIGHT
    failure = Failure.SYSTEM
    remedy = "Build the figures again from the warehouse; the file is only ever a copy of them."


class WarehouseNotAFile(ViaductError):
    """The figures are counted from a warehouse file, and this site's warehouse is a server."""

    code = "E952"
    exit_code = 50
    title = "Figures are counted from a warehouse file alone, and this warehouse is a server."
    answer = Answer.PUT_RIGHT
    failure = Failure.CONFIG
    remedy = "Count them in the server, from the views of the flow: see docs/how_to/load_into_postgresql.md."
