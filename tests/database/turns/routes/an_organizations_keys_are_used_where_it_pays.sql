begin;
select plan(13);

insert into public.organizations (id, name, slug, created_by)
values ('00000000-0000-4000-8000-0000000000ff', 'Other', 'other', tests.id('carol'));
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
insert into public.agents (id, name, organization_id, created_by, vendor_id, service_id, config) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', tests.id('acme'), tests.id('alice'), 'openai', 'openai_gpt4o', '{}'),
  ('20000000-0000-4000-8000-000000000002', 'other''s', '00000000-0000-4000-8000-0000000000ff', tests.id('carol'), 'openai', 'openai_gpt4o', '{"fallbacks": ["acme''s", "20000000-0000-4000-8000-000000000001"]}');

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'openai/gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    ) || request
  )
$$;
-- Key and payer of a turn.
create function pg_temp.spent(turn jsonb)
returns text
language sql
as $$
  select format('%s of %s', turn #>> '{routes,0,keys,0,id}', organizations.name)
  from tests.turns
  join public.organizations on organizations.id = turns.organization_id
  where turns.id = (turn ->> 'turn_id')::uuid
$$;
create function pg_temp.works_in(person text, organization uuid)
returns void
language sql
as $$ update public.profiles set current_organization_id = organization where id = tests.id(person) $$;

select pg_temp.works_in('carol', tests.id('acme'));
create temporary table acmes_session as select pg_temp.begin('carol', '{}') as turn;
select is(
  pg_temp.spent(turn), '40000000-0000-4000-8000-000000000001 of Acme', 'who works in an organization calls with its key, and it pays'
) from acmes_session;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded"}') from acmes_session;

select pg_temp.works_in('carol', null);
select tests.refused($$ select pg_temp.begin('carol', '{}') $$, 400, 'no_vendor_key', 'in the own organization not');
select tests.refused(
  $$ select pg_temp.begin('carol', '{"kind": "embedding", "model": "openai/text-embedding-3-small"}') $$,
  400, 'no_vendor_key', 'nor for embeddings'
);
select pg_temp.works_in('carol', '00000000-0000-4000-8000-0000000000ff');
select tests.refused($$ select pg_temp.begin('carol', '{}') $$, 400, 'no_vendor_key', 'nor in another one');
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "other''s"}') $$, 400, 'no_vendor_key', 'not even by its agent as a fallback'
);
select is(
  pg_temp.spent(pg_temp.begin('carol', '{"model": "20000000-0000-4000-8000-000000000001"}')), '40000000-0000-4000-8000-000000000001 of Acme',
  'its agent is paid by it wherever the caller works'
);
select is(
  pg_temp.spent(pg_temp.begin('carol', jsonb_build_object('session_id', (select turn ->> 'session_id' from acmes_session)))),
  '40000000-0000-4000-8000-000000000001 of Acme', 'and so is a conversation that began there'
);

insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 0.0000001);
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "20000000-0000-4000-8000-000000000001"}') $$, 402, 'budget_exceeded', 'so its budget holds for its key'
);
select pg_temp.works_in('carol', null);
select tests.refused($$ select pg_temp.begin('carol', '{}') $$, 400, 'no_vendor_key', 'whatever its members do');
delete from public.budgets;

select pg_temp.works_in('alice', null);
select is(
  pg_temp.spent(pg_temp.begin('alice', '{}')), '40000000-0000-4000-8000-000000000001 of Alice''s space',
  'the key''s owner calls with it everywhere'
);
select pg_temp.works_in('dave', tests.id('acme'));
select tests.refused($$ select pg_temp.begin('dave', '{}') $$, 400, 'no_vendor_key', 'a viewer nowhere');

select is(
  (select count(*) from tests.turns where user_id = tests.id('carol') and organization_id <> tests.id('acme')), 0::bigint,
  'no turn of a colleague with this key was recorded elsewhere'
);
select is(
  public.get_user_api_key(tests.id('carol'), 'openai'), null, 'and outside of turns it is its owner''s alone'
);

select * from finish();
rollback;
