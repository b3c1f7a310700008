-- name: forget_failures(before, most)!
-- Never more rows than `most` of a scope: the oldest go, whoever invents logins without end.
delete from sign_in_failure where (scope, key_hash) in (
    select scope, key_hash from sign_in_failure
    where last_at < :before or (scope, key_hash) in (
        select scope, key_hash from (
            select scope, key_hash, row_number() over (partition by scope order by last_at desc) as n
            from sign_in_failure) as ranked
        where n > :most)
    for update skip locked);

-- name: count_failures()$
select count(*) from sign_in_failure;

-- name: lock_failures(scopes, keys)
select scope, key_hash, failures, last_at, blocked_until from sign_in_failure
where (scope, key_hash) in (select * from unnest(:scopes::text[], :keys::bytea[]))
order by scope, key_hash for update;

-- name: make_failures(scopes, keys, at)!
insert into sign_in_failure (scope, key_hash, failures, last_at, blocked_until)
select scope, key_hash, 0, :at::timestamptz, :at
from unnest(:scopes::text[], :keys::bytea[]) as new (scope, key_hash)
order by 1, 2
on conflict (scope, key_hash) do nothing;

-- name: put_failures(scope, key_hash, failures, at, blocked_until)!
update sign_in_failure set failures = :failures, last_at = :at, blocked_until = :blocked_until
where scope = :scope and key_hash = :key_hash;

-- name: drop_failures(scope, key_hash)!
delete from sign_in_failure where scope = :scope and key_hash = :key_hash;

-- name: give_back(scope, key_hash)!
-- One attempt that was no failure after all.
update sign_in_failure set failures = greatest(failures - 1, 0), blocked_until = last_at
where scope = :scope and key_hash = :key_hash;
