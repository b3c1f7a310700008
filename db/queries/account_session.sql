-- name: open_session(token_hash, account_id, at, expires_at, address, user_agent)!
insert into account_session (token_hash, account_id, created_at, seen_at, expires_at, address,
                             user_agent)
values (:token_hash, :account_id, :at, :at, :expires_at, :address, :user_agent);

-- name: find_session(token_hash)^
select s.seen_at, s.expires_at, s.created_at as begun_at, a.account_id, a.login, a.name, a.role,
       a.adcode, a.password_hash, a.oidc_subject, a.must_change, a.demo, a.created_at,
       a.disabled_at
from account_session s join account a using (account_id)
where s.token_hash = :token_hash and s.ended_at is null and a.disabled_at is null;

-- name: touch_session(token_hash, at)!
update account_session set seen_at = greatest(seen_at, :at)
where token_hash = :token_hash and ended_at is null;

-- name: end_session(token_hash, at)$
update account_session set ended_at = :at
where token_hash = :token_hash and ended_at is null
returning account_id;

-- name: end_sessions(account_id, but, at)
update account_session set ended_at = :at
where account_id = :account_id and ended_at is null and token_hash is distinct from :but::bytea
returning token_hash;

-- name: drop_sessions(before)!
delete from account_session where expires_at < :before;
