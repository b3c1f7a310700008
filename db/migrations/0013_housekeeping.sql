-- What makes the store's end findable: by time, by picture; and what each device sent in a day.
create table checkpoint_upload (
    checkpoint_id text   not null references checkpoint,
    day           date   not null,
    bytes         bigint not null check (bytes > 0),
    primary key (checkpoint_id, day)
) with (fillfactor = 50);
comment on table checkpoint_upload is 'Bytes of new pictures per device and UTC day of arrival, held to the daily quota.';

create index feed_count_minute on feed_count (minute);
create index receiver_minute_minute on receiver_minute (minute);
create index checkpoint_refusal_minute on checkpoint_refusal (minute);
create index image_stored_at on image (stored_at, image_hash);
create index reading_image on reading (image_hash) where image_hash is not null;
comment on column image.stored_at is 'When it was sent last: a picture that is sent again begins to wait for its reading anew.';
