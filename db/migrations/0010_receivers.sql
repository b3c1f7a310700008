-- Which receiver heard whom last, and in which minutes it heard anybody: whose silence a silence is.
alter table vessel_latest add column station text not null default '';
comment on column vessel_latest.station is 'The receiver within the feed, by the tag block of the sentence; empty where it names none.';

create table receiver_minute (
    feed_id text        not null,
    station text        not null,
    minute  timestamptz not null,
    n       bigint      not null,
    primary key (feed_id, station, minute)
) with (fillfactor = 50);
comment on table receiver_minute is 'Fixes heard per receiver and minute of arrival, repeats too; what is missing here was not heard.';
