-- name: lock_accounts()!
select pg_advisory_xact_lock(hashtextextended('account', 0));

-- name: add_account(account_id, login, name, role, adcode, password_hash, oidc_subject, must_change, demo, at)$
-- Nothing comes back when the login, the name or the subject is taken.
insert into account (account_id, login, name, role, adcode, password_hash, oidc_subject, must_change,
                     demo, created_at)
values (:account_id, :login, :name, :role, :adcode, :password_hash, :oidc_subject, :must_change,
        :demo, :at)
on conflict do nothing
returning account_id;

-- name: change_account(account_id, role, adcode, disabled_at)!
update account set role = :role, adcode = :adcode, disabled_at = :disabled_at
where account_id = :account_id;

-- name: set_password(account_id, password_hash, must_change)!
update account set password_hash = :password_hash, must_change = :must_change
where account_id = :account_id;

-- name: by_login(login)^
select account_id, login, name, role, adcode, password_hash, oidc_subject, must_change, demo,
       created_at, disabled_at
from account where login = :login;

-- name: by_subject(subject)^
select account_id, login, name, role, adcode, password_hash, oidc_subject, must_change, demo,
       created_at, disabled_at
from account where oidc_subject = :subject;

-- name: by_id(account_id)^
-- Held as it is until the transaction ends: who is disabled meanwhile was it after the deed.
select account_id, login, name, role, adcode, password_hash, oidc_subject, must_change, demo,
       created_at, disabled_at
from account where account_id = :account_id for share;

-- name: accounts()
select account_id, login, name, role, adcode, password_hash, oidc_subject, must_change, demo,
       created_at, disabled_at
from account order by login;

-- name: any_account()$
select exists (select from account);

-- name: other_registrars(account_id)$
select count(*) from account
where role = 'registrar' and adcode is null and disabled_at is null and account_id <> :account_id
  and not demo;
