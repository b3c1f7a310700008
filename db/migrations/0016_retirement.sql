-- A point that was taken down reads no more; what it read stays, and so does the point.
alter table checkpoint add column retired_at timestamptz;
comment on column checkpoint.retired_at is 'Taken down then; null: it stands. A reading from before is still taken.';
