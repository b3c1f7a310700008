-- name: issue_display(display_id, token_hash, screen, issued_by, at)!
insert into display_token (display_id, token_hash, screen, issued_by, issued_at)
values (:display_id, :token_hash, :screen, :issued_by, :at);

-- name: revoke_display(display_id, at)$
update display_token set revoked_at = :at
where display_id = :display_id and revoked_at is null
returning screen;

-- name: find_display(token_hash)^
select display_id, screen, issued_by, issued_at, last_seen_at, revoked_at from display_token
where token_hash = :token_hash and revoked_at is null;

-- name: touch_display(display_id, at)!
update display_token set last_seen_at = :at where display_id = :display_id;

-- name: displays()
select display_id, screen, issued_by, issued_at, last_seen_at, revoked_at from display_token
order by issued_at, display_id;
