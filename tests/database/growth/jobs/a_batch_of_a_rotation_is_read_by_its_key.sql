begin;
select plan(1);

create function pg_temp.keys(since integer, until integer)
returns void
language sql
as $$
  alter table public.user_api_keys disable trigger user;
  insert into public.user_api_keys (user_id, vendor_id, key_preview, encrypted_key)
  select tests.id('eve'), 'openai', 'abcd', 'v1:old:' || repeat('A', 16) || ':' || repeat('B', 40)
  from generate_series(since, until);
  alter table public.user_api_keys enable trigger user;
  analyze public.user_api_keys;
$$;
create temporary view batch as
select * from public.list_values_to_rotate('new', 'user_api_keys', 'encrypted_key', null, 100);

select pg_temp.keys(1, 1000);
create temporary table before as select tests.buffers('select * from batch', 2) as buffers;
select pg_temp.keys(1001, 20000);
select tests.costs_no_more(
  tests.buffers('select * from batch', 2), before.buffers, 'a batch of a rotation costs the same with 20,000 keys as with 1,000', 200
)
from before;

select * from finish();
rollback;
