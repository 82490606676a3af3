begin;
select plan(3);

create function pg_temp.refusal(key text, per_minute integer)
returns table (message text, data jsonb)
language plpgsql
as $$
declare
  text_of_hint text;
begin
  perform private.take_rate_limit(refusal.key, refusal.per_minute);
exception when sqlstate 'PT429' then
  get stacked diagnostics message = message_text, text_of_hint = pg_exception_hint;
  data := tests.error_data(text_of_hint);
  return next;
end
$$;

insert into private.rate_limits (key, empty_at) values ('user:a', clock_timestamp() + interval '1 minute');
create temporary table refusals as select * from pg_temp.refusal('user:a', 60);
select results_eq(
  $$ select message, data - 'retry_after_ms' from refusals $$,
  $$ values ('The limit of 60 requests a minute is reached.', '{"limit": 60, "remaining": 0}'::jsonb) $$,
  'the limit and that nothing remains'
);
select is(
  (select (data ->> 'retry_after_ms')::integer between 900 and 1000 from refusals), true,
  'and one call''s share of a minute to wait'
);
select is(
  (select empty_at between clock_timestamp() + interval '55 seconds' and clock_timestamp() + interval '60 seconds'
   from private.rate_limits),
  true, 'a refused call counts nothing'
);

select * from finish();
rollback;
