begin;
select plan(2);

insert into auth.users (id, email, raw_user_meta_data) values
  ('10000000-0000-4000-8000-000000000001', 'long@example.com', jsonb_build_object('full_name', repeat('é', 300))),
  ('10000000-0000-4000-8000-000000000002', repeat('a', 243) || '@example.com', '{}');

select results_eq(
  $$ select char_length(full_name) from public.profiles where id = '10000000-0000-4000-8000-000000000001' $$,
  $$ values (255) $$,
  'a name is cut to what fits'
);

select results_eq(
  $$
    select char_length(name), right(name, 8) from public.organizations
    where created_by::text like '10000000-%' order by created_by
  $$,
  $$ values (248, '''s space'), (248, '''s space') $$,
  'and so is the name of the space'
);

select * from finish();
rollback;
