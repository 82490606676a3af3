begin;
select plan(3);

insert into private.rate_limits (key, empty_at) values
  ('user:half', clock_timestamp() + interval '30 seconds'), ('user:old', clock_timestamp() - interval '1 day');

select is(
  (select (taken ->> 'remaining')::integer between 28 and 29 from private.take_rate_limit('user:half', 60) as taken), true,
  'half a minute after the last of sixty, thirty may come, and this is one of them'
);
select is(
  private.take_rate_limit('user:old', 60) -> 'remaining', '59'::jsonb, 'a long pause saves up a minute, and no more'
);
select is(
  private.take_rate_limit('user:new', 60) -> 'reset_ms', '1000'::jsonb,
  'one call is forgotten after its share of a minute'
);

select * from finish();
rollback;
