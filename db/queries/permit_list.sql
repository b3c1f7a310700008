-- The register as a list to look through, and what became of one paper.

-- name: select_papers(at)
-- Each paper once: the version that speaks at :at, else the nearest; also those that were withdrawn.
select distinct on (p.permit_id)
       p.permit_id, p.number, p.kind, p.purpose, p.holder, p.carrier_id, p.mmsi, p.waste,
       p.quantity_t, p.used_t, p.from_adcode, p.to_adcode, p.via, p.first_day, p.last_day,
       case when p.recorded_to <> 'infinity' then p.recorded_to
           when p.valid_to <= :at then p.valid_to end as withdrawn_at,
       max(p.recorded_from) over (partition by p.permit_id) as changed_at,
       c.name as carrier_zh, c.name_en as carrier_en, h.name as vessel
from permit p
left join carrier c on c.carrier_id = p.carrier_id
    and c.recorded_to = 'infinity' and c.valid_to = 'infinity'
left join hull h on h.mmsi = p.mmsi and h.recorded_to = 'infinity' and h.valid_to = 'infinity'
order by p.permit_id, p.recorded_to = 'infinity' desc, p.valid_from <= :at desc,
    case when p.valid_from <= :at then p.valid_from end desc, p.valid_from;

-- name: select_carriers()
-- Carriers that a paper may name.
select carrier_id, name, name_en
from carrier
where recorded_to = 'infinity' and valid_to = 'infinity'
order by name;
