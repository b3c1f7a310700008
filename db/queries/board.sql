-- name: post(message_id, contact_id, authority_id, officer_id, notice, written_at)!
insert into board_message (message_id, contact_id, authority_id, officer_id, notice, written_at)
values (:message_id, :contact_id, :authority_id, :officer_id, :notice, :written_at)
on conflict (message_id) do nothing;

-- name: messages(authority_ids, most)
select message_id, contact_id, authority_id, officer_id, notice, written_at, posted_at
from board_message
where :authority_ids::text[] is null or authority_id = any(:authority_ids::text[])
order by posted_at desc, message_id
limit :most;
