-- name: begin_command(command_id, kind, actor)!
-- Whoever sends the same command at the same time waits here until the first one has ended.
insert into command_done (command_id, kind, actor, outcome, recorded_at)
values (:command_id, :kind, :actor, 'null', clock_timestamp())
on conflict (command_id) do nothing;

-- name: find_command(command_id)^
select kind, actor, outcome, recorded_at from command_done where command_id = :command_id;

-- name: end_command(command_id, outcome)!
update command_done set outcome = :outcome, recorded_at = clock_timestamp()
where command_id = :command_id;
