begin;
select plan(3);

insert into auth.users (id, email, raw_user_meta_data)
select format('10000000-0000-4000-8000-%s', lpad(number::text, 12, '0'))::uuid, format('odd%s@example.com', number), metadata
from unnest(array[
  null, 'null', '[]', '[1]', '5', '"full_name"', '{"full_name": {"a": 1}, "avatar_url": 5}', '{"full_name": ["a"]}',
  '{"full_name": null, "avatar_url": null}', '{"full_name": "  ", "avatar_url": ""}', '{"full_name": true}'
]::jsonb[]) with ordinality as odd (metadata, number);
select results_eq(
  $$ select full_name, avatar_url, count(*) from public.profiles where id::text like '10000000-%' group by 1, 2 $$,
  $$ values (null::text, null::text, 11::bigint) $$,
  'what is no text counts as missing'
);

insert into auth.users (id, email, raw_user_meta_data) values
  ('10000000-0000-4000-8000-000000000021', 'long@example.com', jsonb_build_object(
    'full_name', repeat('é', 100000), 'avatar_url', 'https://example.com/' || repeat('x', 100000)
  )),
  ('10000000-0000-4000-8000-000000000022', 'fits@example.com', jsonb_build_object(
    'full_name', ' Grace ', 'avatar_url', rpad('https://example.com/', 2048, 'x')
  ));
select results_eq(
  $$
    select char_length(full_name), char_length(avatar_url) from public.profiles
    where email in ('long@example.com', 'fits@example.com') order by email
  $$,
  $$ values (5, 2048), (255, null) $$,
  'a long name is cut, and a long address left out'
);
select is(
  (select count(*) from public.organizations where created_by::text like '10000000-%' and is_personal), 13::bigint,
  'each has its organization'
);

select * from finish();
rollback;
