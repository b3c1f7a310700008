"""What a database really has, and what docs/schema.md says it has, in the same shape."""

import re
from pathlib import Path
from typing import Any

import asyncpg

SCHEMA_DOC = Path(__file__).parents[1] / "docs" / "schema.md"

_TABLES = """
select c.oid, c.relname as name, pg_get_partkeydef(c.oid) as partition
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relispartition
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
order by 2
"""
_COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable
from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped order by attnum
"""
_RULES = """
select conname as name, pg_get_constraintdef(oid) as rule
from pg_constraint where conrelid = $1 and contype in ('p', 'u', 'c', 'f')
union all
select i.relname,
       regexp_replace(pg_get_indexdef(x.indexrelid),
                      '^CREATE (UNIQUE )?INDEX \\S+ ON (ONLY )?\\S+ ', '\\1')
from pg_index x join pg_class i on i.oid = x.indexrelid
where x.indrelid = $1 and not exists (select from pg_constraint c where c.conindid = x.indexrelid)
union all
select tgname,
       regexp_replace(pg_get_triggerdef(oid), '^CREATE TRIGGER \\S+ (.*) ON \\S+ (.*)$', '\\1 \\2')
from pg_trigger where tgrelid = $1 and not tgisinternal
order by 1
"""

Catalog = dict[str, dict[str, Any]]


async def actual(connection: asyncpg.Connection) -> Catalog:
    """Tables of the database: columns in order, constraints, indexes, triggers, partition key."""
    found: Catalog = {}
    for table in await connection.fetch(_TABLES):
        columns = await connection.fetch(_COLUMNS, table["oid"])
        rules = await connection.fetch(_RULES, table["oid"])
        found[table["name"]] = {
            "columns": [
                (row["name"], row["type"], "yes" if row["nullable"] else "no") for row in columns
            ],
            "rules": {row["name"]: row["rule"] for row in rules},
            "partition": table["partition"],
        }
    return found


def documented(text: str | None = None) -> Catalog:
    """The same from docs/schema.md: a `## table` each, its rows, its `- name: rule` lines."""
    found: Catalog = {}
    body = SCHEMA_DOC.read_text("utf-8") if text is None else text
    for section in re.split(r"(?m)^## ", body)[1:]:
        title, _, rest = section.partition("\n")
        if not (name := re.fullmatch(r"`(\w+)`.*", title)):
            continue
        partition = re.search(r"(?m)^Partitioned by `([^`]+)`", rest)
        found[name[1]] = {
            "columns": [
                (row[1], row[2], row[3])
                for row in re.finditer(r"(?m)^\| `(\w+)` \| `([^`]+)` \| (yes|no) \| \S.*\|$", rest)
            ],
            "rules": dict(re.findall(r"(?m)^- `(\w+)`: `([^`]+)`", rest)),
            "partition": partition[1] if partition else None,
        }
    return found
