"""A one-tap link is replaced: the older ones hold no more, the new one does, by whoever may."""

import json
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from ack_parts import KEY, path_of, tap, telephone
from mustering import CONTROLLER, OFFICER, VIEWER, furnish, muster

from commands.answer_call import UnknownCall
from commands.replace_link import ReplacedLink, ReplaceLink, replace_link
from db import event
from domain.actors import Actor, Forbidden
from domain.answer_links import SignedLinks

LINKS = SignedLinks("https://whistle.example", "https://ack.example", KEY)


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


async def test_only_the_newest_link_holds(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    call = calls["ks-env"]
    old = path_of(call)
    command = ReplaceLink(uuid4(), call.call_id)

    async def again(actor: Actor, one: ReplaceLink = command) -> ReplacedLink:
        async with store.acquire() as connection:
            return await replace_link(connection, actor, one, LINKS)

    made = await again(CONTROLLER)
    assert made.call.link_number == 2
    assert await again(CONTROLLER) == made  # sent twice
    path = urlsplit(made.address).path
    async with telephone(store) as client:
        assert (await client.get(old)).status_code == 404
        assert (await client.get(path)).status_code == 200
        assert (await tap(client, path, "acknowledged")).status_code == 303
    # Qingpu's duty officer may, since the border zone is Qingpu's too; a viewer may not
    assert (await again(OFFICER, ReplaceLink(uuid4(), call.call_id))).call.link_number == 3
    with pytest.raises(Forbidden):
        await again(VIEWER, ReplaceLink(uuid4(), call.call_id))
    with pytest.raises(UnknownCall):
        await again(CONTROLLER, ReplaceLink(uuid4(), uuid4()))
    async with telephone(store) as client:
        assert (await client.get(path)).status_code == 404
    async with store.acquire() as connection:
        events = await event.stream(connection, "incident", str(incident.incident_id))
        assert await event.verify(connection, "incident", str(incident.incident_id)) == []
    told = [json.loads(one.payload) for one in events if one.kind == "muster.link_replaced"]
    assert [one["number"] for one in told] == [2, 3]
    assert path[3:] not in "".join(one.payload.decode() for one in events)
    assert made.until - call.called_at >= timedelta(hours=24)
