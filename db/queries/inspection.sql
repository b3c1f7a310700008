-- name: unsound()
-- What a restore that was broken off, or was done with triggers off, leaves behind.
select 'the trigger ' || tgname || ' of ' || tgrelid::regclass || ' is switched off' as fault
from pg_trigger where not tgisinternal and tgenabled = 'D'
union all
select 'the trigger event_is_append_only is missing'
where not exists (
    select from pg_trigger where tgrelid = 'event'::regclass and tgname = 'event_is_append_only')
union all
select 'the index ' || indexrelid::regclass || ' is not valid'
from pg_index where not (indisvalid and indisready and indislive)
union all
select 'the constraint ' || conname || ' of ' || conrelid::regclass || ' was never checked'
from pg_constraint where not convalidated and connamespace = 'public'::regnamespace
union all
select 'the index ' || indexrelid::regclass || ' has no partition of ' || child.oid::regclass
from pg_index
join pg_inherits as tables on tables.inhparent = indrelid
join pg_class as child on child.oid = tables.inhrelid
where indisprimary and not exists (
    select from pg_index as own where own.indrelid = child.oid and own.indisprimary)
order by 1;

-- name: identities()
-- Counters, and the highest number in use: one that lies behind would give a number twice.
select relation::text as relation, attname as attribute, coalesce(last_value, 0) as given,
       coalesce((xpath('/row/top/text()', query_to_xml(
           format('select max(%I) as top from %s', attname, relation), false, true, '')))[1]::text
           ::bigint, 0) as used
from (
    select attrelid::regclass as relation, attname,
           pg_sequence_last_value(pg_get_serial_sequence(attrelid::regclass::text, attname)::regclass)
               as last_value
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where attidentity <> '' and relnamespace = 'public'::regnamespace
) as counters
order by 1, 2;

-- name: tables()
-- Ours, partitions with the table that they belong to; not those of an extension.
select pg_class.oid::regclass::text as relation
from pg_class
where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
  and not exists (
    select from pg_depend
    where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
order by 1;

-- name: content(relation)$
-- Rows, and a sum over the digest of each row's text, in whatever order: n and the sum, by a blank.
-- The alias must be no column's name: with `t` the text would be that of the column.
select array_to_string(xpath('/row/*/text()', query_to_xml(format(
    'select count(*) as n, coalesce(sum(hashtextextended(whole_row::text, 0)::numeric), 0) as digest '
    'from %s as whole_row', :relation::text::regclass), false, true, '')), ' ');

-- name: offsets()
select cluster_id, topic, sum(next_offset)::bigint as next_offset
from stream_offset group by 1, 2 order by 1, 2;

-- name: days()
select min(substr(inhrelid::regclass::text, 17)) as first,
       max(substr(inhrelid::regclass::text, 17)) as last, count(*) as days
from pg_inherits where inhparent = 'vessel_position'::regclass;
