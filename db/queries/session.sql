-- name: transaction_now()^
select clock_timestamp() as at, pg_current_xact_id()::text as xid;

-- name: transaction_status(xid)$
select pg_xact_status((:xid::text)::xid8);
