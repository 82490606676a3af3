begin;
select plan(2);

insert into auth.users (id, email, raw_user_meta_data) values
  ('10000000-0000-4000-8000-000000000001', 'grace@example.com', '{"full_name": "Grace"}'),
  ('10000000-0000-4000-8000-000000000002', 'heidi@example.com', '{"full_name": ""}'),
  ('10000000-0000-4000-8000-000000000003', 'ivan@example.com', null),
  ('10000000-0000-4000-8000-000000000004', null, '{}');

select results_eq(
  $$
    select name from public.organizations
    where created_by::text like '10000000-%' order by created_by
  $$,
  $$ values ('Grace''s space'), ('heidi''s space'), ('ivan''s space'), ('Someone''s space') $$,
  'the name, else the first part of the e-mail, else a neutral one'
);

select results_eq(
  $$ select full_name from public.profiles where id::text like '10000000-%' order by id $$,
  $$ values ('Grace'), (null), (null), (null) $$,
  'a profile has a name only where the person gave one'
);

select * from finish();
rollback;
