begin;
select plan(13);

update public.plans set requests_per_minute = 3, user_requests_per_minute = 100 where id = 'starter';
insert into public.agents (name, organization_id, created_by, vendor_id, service_id) values
  ('acme''s', tests.id('acme'), tests.id('alice'), 'openai', 'openai_gpt4o');
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
-- Carol works in her own organization, and Acme pays for its agent wherever she does.
update public.profiles set current_organization_id = (
  select id from public.organizations where created_by = tests.id('carol') and is_personal
) where id = tests.id('carol');
-- A session of Acme's, to go on with elsewhere.
create temporary table answers as select pg_temp.begin('carol', jsonb_build_object('model', agents.id)) as turn from public.agents where name = 'acme''s';
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "a"}') from answers;
create function pg_temp.ask(request jsonb default '{}')
returns jsonb
language sql
as $$
  select pg_temp.begin('carol', jsonb_build_object('model', agents.id, 'rate_limit', true) || request)
  from public.agents where name = 'acme''s'
$$;

select is(
  pg_temp.ask() #>> '{limits,organization_id}', tests.id('acme')::text, 'the limit is that of the organization that pays'
);
select isnt(pg_temp.ask() ->> 'turn_id', null, 'a second call');
select isnt(pg_temp.ask() ->> 'turn_id', null, 'a third');
select tests.refused('select pg_temp.ask()', 429, 'rate_limit_exceeded', 'the fourth is too many, wherever the caller works');
select tests.refused(
  format($$ select pg_temp.begin('carol', '{"rate_limit": true, "session_id": "%s"}') $$, turn ->> 'session_id'),
  429, 'rate_limit_exceeded', 'also in a conversation that it pays for'
) from answers;
select isnt(
  pg_temp.begin('carol', '{"model": "droid", "rate_limit": true}') ->> 'turn_id', null, 'what the own organization pays for goes on'
);
delete from private.rate_limits;

-- Redis counted for the organization that it knew of, by the limits that it knew.
create function pg_temp.counted(organization_id uuid, per_minute integer default 3)
returns jsonb
language sql
as $$
  select jsonb_build_object('rate_limit', false, 'counted_limits', jsonb_build_object(
    'organization_id', organization_id, 'organization_per_minute', per_minute, 'user_per_minute', 100
  ))
$$;
select is(
  pg_temp.ask(pg_temp.counted(tests.id('acme'))) -> 'limits', 'null'::jsonb,
  'counted for the payer before, it is not counted twice'
);
select is(
  pg_temp.ask(pg_temp.counted(tests.id('acme'), 9)) #>> '{limits,organization_per_minute}', '3',
  'counted by the limits of an earlier plan, it is told those of this one'
);
select is_empty('select from private.rate_limits', 'and is not counted twice either');
create function pg_temp.elsewhere()
returns jsonb
language sql
as $$
  select pg_temp.ask(pg_temp.counted(current_organization_id))
  from public.profiles where id = tests.id('carol')
$$;
select is(
  pg_temp.elsewhere() #>> '{limits,organization_id}', tests.id('acme')::text, 'counted for another it is counted for the payer, which is told'
);
select is((select count(*) from private.rate_limits where key like 'user:%'), 0::bigint, 'and not for the person again');
select pg_temp.elsewhere(), pg_temp.elsewhere();
select tests.refused('select pg_temp.elsewhere()', 429, 'rate_limit_exceeded', 'until its limit is reached');
select is((select key from private.rate_limits), 'organization:' || tests.id('acme'), 'which is all that was counted');

select * from finish();
rollback;
