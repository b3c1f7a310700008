-- name: add_robot(robot)!
insert into robot_use (robot, used_at) values (:robot, '{}') on conflict do nothing;

-- name: lock_robot(robot)^
select used_at, blocked_until from robot_use where robot = :robot for update;

-- name: put_robot(robot, used_at, blocked_until)!
update robot_use set used_at = :used_at::timestamptz[], blocked_until = :blocked_until
where robot = :robot;
