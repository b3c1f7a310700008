-- What the watch asks every second, and one more thing that it sees.
alter table alert drop constraint alert_source_kind_check;
alter table alert add constraint alert_source_kind_check
    check (source_kind in ('border', 'crossing', 'reading', 'silence', 'stop'));

create index reading_recorded_at on reading (recorded_at);
create index reading_match_changed on reading_match (greatest(matched_at, undone_at));
