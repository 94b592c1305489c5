"""Bring every place where published figures are read up to date with the folder of releases."""

from pathlib import Path

from config.warehouse import PostgresWarehouse
from feed.release.build import Keys, alone
from feed.views.editions import editions_in
from feed.views.file import fill_file


def show_published(feed: Path, keys: Keys, server: PostgresWarehouse | None = None) -> None:
    """Make the file beside the releases, and the server's views, show what lies in the folder.

    Errors:  FeedUnderWay, ReleaseAltered, ReaderSeesMore, ViewsServerNotReady, ViewsNotWritten,
             WarehouseServerNotTrusted. Each place is changed whole or not at all.
    """
    with alone(feed):
        editions = editions_in(feed, keys)
        fill_file(feed, editions)
        if server is None:
            return
        from feed.views.server import fill_server  # noqa: PLC0415 - its driver is for those who need it

        fill_server(server, editions)
