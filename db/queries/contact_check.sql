-- name: check_of(contact_id)^
select contact_id, salt, code_hash, address_hash, sent_at, expires_at, sends, tries
from contact_check where contact_id = :contact_id for update;

-- name: put_check(contact_id, salt, code_hash, address_hash, sent_at, expires_at, sends, tries)!
insert into contact_check
    (contact_id, salt, code_hash, address_hash, sent_at, expires_at, sends, tries)
values (:contact_id, :salt, :code_hash, :address_hash, :sent_at, :expires_at, :sends, :tries)
on conflict (contact_id) do update set salt = excluded.salt, code_hash = excluded.code_hash,
    address_hash = excluded.address_hash, sent_at = excluded.sent_at,
    expires_at = excluded.expires_at, sends = excluded.sends, tries = excluded.tries;

-- name: end_check(contact_id)!
delete from contact_check where contact_id = :contact_id;
