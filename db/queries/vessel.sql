-- name: load_states(mmsis)
select mmsi, extract(epoch from t)::float8 as t, district, state, revision
from vessel_state where mmsi = any(:mmsis::bigint[]);

-- name: save_states(mmsis, times, districts, states, revisions)!
-- Compare-and-set: a row whose revision moved on since it was read is not counted in the result.
insert into vessel_state (mmsi, t, district, state, revision, recorded_at)
select mmsi, to_timestamp(t), district, state::jsonb, revision, (select clock_timestamp())
from unnest(:mmsis::bigint[], :times::float8[], :districts::text[], :states::text[],
            :revisions::bigint[]) as saved (mmsi, t, district, state, revision)
order by mmsi
on conflict (mmsi) do update set
    t = excluded.t, district = excluded.district, state = excluded.state,
    revision = excluded.revision, recorded_at = excluded.recorded_at
where vessel_state.revision = excluded.revision - 1;

-- name: current_identities(mmsis)
select mmsi, name, callsign, imo, eni, ship_type, inland_type, length_m, beam_m, draught_m,
       destination, hazard, loaded_raw, valid_from, recorded_from
from vessel
where mmsi = any(:mmsis::bigint[]) and recorded_to = 'infinity' and valid_to = 'infinity';

-- name: close_versions(mmsis, times)!
update vessel set recorded_to = closed.at
from unnest(:mmsis::bigint[], :times::timestamptz[]) as closed (mmsi, at)
where vessel.mmsi = closed.mmsi and recorded_to = 'infinity' and valid_to = 'infinity';
