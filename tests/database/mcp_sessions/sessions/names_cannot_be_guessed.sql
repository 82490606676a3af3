begin;
select plan(2);

insert into public.mcp_sessions (user_id) select tests.id('eve') from generate_series(1, 50);

select is(
  (select count(distinct session_id) from public.mcp_sessions where session_id ~ '^mcp_[0-9a-f]{64}$'), 50::bigint,
  'each session has a long random name of its own'
);

-- 2 x 122 bits are random: the two places of a UUID that are fixed are the version and two bits of the variant.
select is(
  (
    select count(*)
    from generate_series(5, 68) as place
    where (select count(distinct substr(session_id, place, 1)) from public.mcp_sessions) = 1
  ),
  2::bigint, 'which differ in every place but the two that a UUID fixes'
);

select * from finish();
rollback;
