-- Matches that fixes overtook: which are to be judged again, and what was stored since the last look.
alter table reading_match
    add column judged_at timestamptz,
    add column again_at timestamptz;
comment on column reading_match.judged_at is 'When fusion looked again and found the same; null: not since matched_at.';
comment on column reading_match.again_at is 'From then on it is to be judged again; null: nothing has come in that could change it.';
create index reading_match_again on reading_match (again_at) where again_at is not null;

-- rows lie in the order of recording, so blocks of them answer what is new at next to no cost
create index vessel_position_recorded_at on vessel_position
    using brin (recorded_at) with (autosummarize = on);
