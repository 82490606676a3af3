begin;
select plan(19);

insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), null, 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd'),
  ('40000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');

create function pg_temp.message_of(statement text)
returns text
language plpgsql
as $$
declare
  said text;
begin
  execute statement;
  return null;
exception when others then
  get stacked diagnostics said = message_text;
  return said;
end
$$;
grant execute on function pg_temp.message_of(text) to service_role;
select tests.act_as_service();

create temporary view calls as
select format(call, jsonb_build_object('user_id', tests.id(person)), key_id) as statement, what, person, key_id
from (values
  ('select public.get_key_to_replace(%L, %L)', 'asked about'),
  ('select public.replace_api_key(%L, %L, ''{}'')', 'replaced'),
  ('select public.change_api_key(%L, %L, ''{"is_active": false}'')', 'changed'),
  ('select public.delete_api_key(%L, %L)', 'deleted'),
  ('select public.open_api_key(%L, %L, ''show'', ''r'')', 'opened')
) as calls (call, what),
(values
  ('eve', '40000000-0000-4000-8000-000000000001'),
  ('eve', '40000000-0000-4000-8000-000000000009'),
  ('eve', 'no id')
) as keys (person, key_id);

select tests.refused(statement, 404, 'key_not_found', format('%s: %s is not %s', person, key_id, what)) from calls;
select is(
  (select count(distinct pg_temp.message_of(statement)) from calls), 1::bigint,
  'and whether there is such a key is not told'
);

-- Bob manages Acme: he may stop the use of what is shared, and never read it.
select tests.refused(statement, 404, 'key_not_found', 'an admin does not have a shared key ' || what)
from (values
  ('select public.open_api_key(jsonb_build_object(''user_id'', tests.id(''bob'')), ''40000000-0000-4000-8000-000000000002'', ''show'', ''r'')', 'opened'),
  ('select public.replace_api_key(jsonb_build_object(''user_id'', tests.id(''bob'')), ''40000000-0000-4000-8000-000000000002'', ''{}'')', 'replaced')
) as calls (statement, what);
select is_empty($$ select from public.api_key_events where event in ('decrypted', 'replaced') $$, 'nothing of it happened');

select * from finish();
rollback;
