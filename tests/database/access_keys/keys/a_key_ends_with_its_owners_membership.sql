begin;
select plan(11);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'In Acme', 'agb_0000', '0000');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four)
select 'a0000000-0000-4000-8000-000000000002', id, tests.id('carol'), 'At home', 'agb_0000', '0000'
from public.organizations where created_by = tests.id('carol') and is_personal;
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'droid', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
  )
$$;
select isnt(pg_temp.begin('1'), null, 'it works while its owner may chat');

update public.organization_members set role = 'viewer' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select tests.refused($$ select pg_temp.begin('1') $$, 403, 'access_key_without_role', 'not while its owner may only read');
select tests.refused(
  $$ select public.list_chat_models(jsonb_build_object('access_key', repeat('1', 64))) $$, 403, 'access_key_without_role',
  'not even to list'
);
update public.organization_members set role = 'member' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select isnt(pg_temp.begin('1'), null, 'again once its owner may');

update public.organizations set deleted_at = now() where id = tests.id('acme');
select tests.refused($$ select pg_temp.begin('1') $$, 403, 'access_key_without_role', 'not in a deleted organization');
update public.organizations set deleted_at = null where id = tests.id('acme');

update public.profiles set status = 'suspended' where id = tests.id('carol');
select tests.refused($$ select pg_temp.begin('1') $$, 403, 'account_not_active', 'not for a suspended account');
update public.profiles set status = 'active' where id = tests.id('carol');

select tests.act_as('bob');
delete from organization_members where user_id = tests.id('carol') and organization_id = tests.id('acme');
select tests.reset();
select tests.refused($$ select pg_temp.begin('1') $$, 401, 'access_key_revoked', 'never after its owner has left');
insert into public.organization_members (organization_id, user_id, role) values (tests.id('acme'), tests.id('carol'), 'member');
select tests.refused($$ select pg_temp.begin('1') $$, 401, 'access_key_revoked', 'not even when the person comes back');
select isnt(pg_temp.begin('2'), null, 'a key elsewhere goes on');

delete from auth.users where id = tests.id('carol');
select public.sweep_chat_turns('infinity');
select is_empty('select id from public.access_keys', 'keys go with their person');
select isnt_empty(
  'select total_cost from public.ai_interactions where access_key_id is null', 'and leave the numbers in the ledger'
);

select * from finish();
rollback;
