"""Named queries: `db/queries/<noun>.sql` becomes an object with one async method per `-- name:`."""

from importlib.resources import files
from typing import Any

import aiosql


def load_queries(noun: str) -> Any:  # noqa: ANN401 - its methods are made from the file
    """The queries of one file; parameters are given by name."""
    text = (files("db") / "queries" / f"{noun}.sql").read_text("utf-8")
    return aiosql.from_str(text, "asyncpg")
