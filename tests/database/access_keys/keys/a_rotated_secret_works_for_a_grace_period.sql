begin;
select plan(16);

insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111');
insert into private.access_key_secrets (token_hash, access_key_id) values (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001');
create function pg_temp.list(key text)
returns jsonb
language sql
as $$ select public.list_chat_models(jsonb_build_object('access_key', repeat(key, 64)))::jsonb $$;
create function pg_temp.rotate(person text, key text, grace integer)
returns jsonb
language sql
as $$
  select public.rotate_access_key(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object(
      'access_key_id', 'a0000000-0000-4000-8000-000000000001', 'grace_seconds', grace, 'token_hash', repeat(key, 64),
      'prefix', 'agb_' || repeat(key, 4), 'last_four', repeat(key, 4)
    )
  )
$$;
grant execute on function pg_temp.rotate(text, text, integer) to service_role;

select tests.act_as_service();
create temporary table rotated as select pg_temp.rotate('carol', '2', 3600) as key;
select tests.reset();
select is((select key ->> 'id' from rotated), 'a0000000-0000-4000-8000-000000000001', 'the key stays the same');
select is((select key ->> 'prefix' from rotated), 'agb_2222', 'its secret is another');
select isnt((select key ->> 'rotated_at' from rotated), null, 'since now');
select isnt(pg_temp.list('2'), null, 'the new secret works');
select isnt(pg_temp.list('1'), null, 'and so does the one before');
select is(
  (select expires_at from private.access_key_secrets where token_hash = repeat('1', 64)), now() + interval '1 hour', 'until its time'
);

select pg_temp.rotate('carol', '3', 7200);
select is(
  (select array_agg(expires_at order by token_hash) from private.access_key_secrets),
  array[now() + interval '1 hour', now() + interval '2 hours', null], 'another one does not lengthen it'
);
update private.access_key_secrets set expires_at = now() where token_hash = repeat('1', 64);
select tests.refused($$ select pg_temp.list('1') $$, 401, 'access_key_replaced', 'when it comes the old one says so');
select pg_temp.rotate('carol', '4', 0);
select tests.refused($$ select pg_temp.list('3') $$, 401, 'access_key_replaced', 'at once without grace');
select isnt(pg_temp.list('4'), null, 'while the newest works');

-- Anyone who has the secret acts as its owner: an admin must not get one.
select tests.refused($$ select pg_temp.rotate('bob', '5', 0) $$, 404, 'access_key_not_found', 'an admin replaces no other user''s');
select tests.refused($$ select pg_temp.rotate('eve', '5', 0) $$, 404, 'access_key_not_found', 'nor does a stranger');
update public.organization_members set role = 'viewer' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select tests.refused($$ select pg_temp.rotate('carol', '5', 0) $$, 404, 'access_key_not_found', 'nor who may no longer chat');
update public.organization_members set role = 'member' where user_id = tests.id('carol') and organization_id = tests.id('acme');
update public.access_keys set expires_at = now();
select tests.refused($$ select pg_temp.rotate('carol', '5', 0) $$, 409, 'access_key_ended', 'one that has expired has ended');
update public.access_keys set expires_at = null, revoked_at = now();
select tests.refused($$ select pg_temp.rotate('carol', '5', 0) $$, 409, 'access_key_ended', 'as has one that was revoked');
select is((select count(*) from private.access_key_secrets), 4::bigint, 'none of them made a secret');

select * from finish();
rollback;
