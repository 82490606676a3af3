-- Auth takes any metadata, and anyone who signs up writes it: it must neither fail the sign-up nor
-- reach a profile that others see.
begin;
select plan(4);

insert into auth.users (id, email, raw_user_meta_data) values
  ('10000000-0000-4000-8000-000000000001', 'one@example.com',
    jsonb_build_object('full_name', E'Eve\u202e\u001b[2J Foe', 'avatar_url', 'javascript:alert(1)')),
  ('10000000-0000-4000-8000-000000000002', 'two@example.com',
    jsonb_build_object('full_name', E'\n\t', 'avatar_url', 'https://example.com/' || repeat('a', 1000000))),
  ('10000000-0000-4000-8000-000000000003', 'three@example.com',
    jsonb_build_object('full_name', array['a', 'list'], 'avatar_url', 7)),
  ('10000000-0000-4000-8000-000000000004', E'fo\u202eur@example.com', '"a text"'),
  ('10000000-0000-4000-8000-000000000005', 'five@example.com',
    '{"full_name": "Frank", "avatar_url": "https://example.com/frank.png"}');

select results_eq(
  $$ select full_name from public.profiles where id::text like '10000000-%' order by id $$,
  $$ values ('Eve [2J Foe'), (null), (null), (null), ('Frank') $$,
  'a name keeps what can be shown'
);
select results_eq(
  $$ select avatar_url from public.profiles where id::text like '10000000-%' order by id $$,
  $$ values (null), (null), (null), (null), ('https://example.com/frank.png') $$,
  'a picture is an https address of at most 2,048 characters, or there is none'
);
select results_eq(
  $$ select name from public.organizations where created_by::text like '10000000-%' order by created_by $$,
  $$ values ('Eve [2J Foe''s space'), ('two''s space'), ('three''s space'), ('fo ur''s space'), ('Frank''s space') $$,
  'and so does the name of the space'
);

select tests.act_as('eve');
select tests.breaks(
  $$ update profiles set avatar_url = 'http://example.com/eve.png' where id = tests.id('eve') $$,
  'avatar_url_is_an_https_address', 'afterwards the person is told what is wrong'
);

select * from finish();
rollback;
