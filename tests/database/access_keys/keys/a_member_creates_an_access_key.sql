begin;
select plan(11);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
create function pg_temp.make(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.create_access_key(
    jsonb_build_object('user_id', tests.id(person)),
    '{"name": "CI", "prefix": "agb_abcd", "last_four": "wxyz"}'::jsonb
      || jsonb_build_object('token_hash', encode(sha256(gen_random_uuid()::text::bytea), 'hex')) || request
  )
$$;
grant execute on function pg_temp.make(text, jsonb) to service_role;

select tests.act_as_service();
create temporary table made as select pg_temp.make('carol', '{"token_hash": "0000000000000000000000000000000000000000000000000000000000000001"}') as key;
select tests.reset();
select is(
  (select key - 'id' - 'created_at' - 'updated_at' from made),
  jsonb_build_object(
    'organization_id', tests.id('acme'), 'user_id', tests.id('carol'), 'name', 'CI', 'prefix', 'agb_abcd', 'last_four', 'wxyz',
    'scopes', '["audio", "chat", "embeddings", "images", "models", "moderations"]'::jsonb, 'agent_ids', null, 'requests_per_minute', null, 'expires_at', null,
    'last_used_at', null, 'rotated_at', null, 'revoked_at', null
  ),
  'it is the person''s, in the current organization, and may do everything that a key may'
);
select results_eq(
  'select token_hash, access_key_id, expires_at from private.access_key_secrets',
  $$ select '0000000000000000000000000000000000000000000000000000000000000001', (key ->> 'id')::uuid, null::timestamptz from made $$,
  'of its secret there is the hash'
);

select is(
  pg_temp.make('carol', jsonb_build_object(
    'scopes', '["models"]'::jsonb, 'requests_per_minute', 7, 'expires_at', '2099-01-01T00:00:00Z',
    'agent_ids', (select jsonb_agg(id) from public.agents where name = 'droid'),
    'organization_id', (select id from public.organizations where created_by = tests.id('carol') and is_personal)
  )) - 'id' - 'created_at' - 'updated_at' - 'name' - 'prefix' - 'last_four',
  jsonb_build_object(
    'organization_id', (select id from public.organizations where created_by = tests.id('carol') and is_personal),
    'user_id', tests.id('carol'), 'scopes', '["models"]'::jsonb,
    'agent_ids', (select jsonb_agg(id) from public.agents where name = 'droid'),
    'requests_per_minute', 7, 'expires_at', '2099-01-01T00:00:00+00:00', 'last_used_at', null, 'rotated_at', null, 'revoked_at', null
  ),
  'or less, and elsewhere'
);
select pg_temp.make('carol', '{"budget": {"period": "month", "limit_usd": "12.5"}, "name": "With a budget"}');
select results_eq(
  $$
    select budgets.organization_id, budgets.period, budgets.limit_usd, budgets.created_by, keys.name
    from public.budgets join public.access_keys keys on keys.id = access_key_id
  $$,
  $$ values (tests.id('acme'), 'month', 12.5::numeric(20, 10), tests.id('carol'), 'With a budget') $$,
  'a budget comes along'
);

select tests.refused(
  format($$ select pg_temp.make('dave', '{"organization_id": "%s"}') $$, tests.id('acme')), 404, 'organization_not_found',
  'a viewer makes none'
);
select tests.refused(
  format($$ select pg_temp.make('eve', '{"organization_id": "%s"}') $$, tests.id('acme')), 404, 'organization_not_found',
  'nor does a stranger'
);
insert into public.agents (name, created_by) values ('Alice''s own', tests.id('alice'));
select tests.refused(
  format($$ select pg_temp.make('carol', '{"agent_ids": ["%s"]}') $$, (select id from public.agents where name = 'Alice''s own')),
  404, 'agent_not_found', 'an agent that the person may not use is not listed'
);
update public.agents set is_public = true where name = 'Alice''s own';
select isnt(
  pg_temp.make('carol', jsonb_build_object('agent_ids', (select jsonb_agg(id) from public.agents where name = 'Alice''s own'))),
  null, 'one that a stranger shares is'
);

insert into public.access_keys (organization_id, user_id, name, prefix, last_four)
select tests.id('acme'), tests.id('carol'), 'Number ' || number, 'agb_0000', '0000'
from generate_series(1, 97) as number;
select tests.refused($$ select pg_temp.make('carol', '{}') $$, 409, 'too_many_access_keys', 'there are a hundred at most');
update public.access_keys set revoked_at = now() where name = 'Number 1';
select isnt(pg_temp.make('carol', '{}'), null, 'that work');
update public.access_keys set expires_at = now() - interval '1 day' where name = 'Number 2';
select isnt(pg_temp.make('carol', '{}'), null, 'whether others were revoked or have expired');

select * from finish();
rollback;
