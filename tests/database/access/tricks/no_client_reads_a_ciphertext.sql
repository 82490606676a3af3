begin;
select plan(9);

insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview, key_fingerprint) values
  (tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:MMMMMMMMMMMMMMMM:MMMMMMMMMMMMMMMMMMMMMMMM', 'abcd', repeat('e', 64));
insert into public.mcp_sessions (user_id, oauth_provider, oauth_status, oauth_refreshable, oauth_data) values
  (tests.id('alice'), 'google', 'connected', true, '{"ciphertext": "v1:k1:MMMMMMMMMMMMMMMM:MMMMMMMMMMMMMMMMMMMMMMMM"}');
insert into public.agents (name, created_by, is_public, is_published) values ('Alice''s', tests.id('alice'), true, true);
insert into public.ai_agent_configs (agent_id, config_key, config_value, is_encrypted, user_id)
select id, 'token', '"v1:k1:MMMMMMMMMMMMMMMM:MMMMMMMMMMMMMMMMMMMMMMMM"', true, tests.id('alice')
from public.agents where name = 'Alice''s';
-- A key that went through its whole life leaves events and notifications behind.
select public.report_api_keys(jsonb_build_array(jsonb_build_object(
  'id', id, 'encrypted_key', encrypted_key, 'event', 'rejected', 'problem', 'The vendor rejects it.'
)))
from public.user_api_keys where key_fingerprint = repeat('e', 64);

-- Every column of every table and view that the caller may select, read to the last row.
create function pg_temp.columns_with_ciphertext(out searched bigint, out hits text[])
language plpgsql
as $$
declare
  readable record;
  has_it boolean;
begin
  searched := 0;
  hits := '{}';
  for readable in
    select relations.oid::regclass as relation, columns.attname
    from pg_class relations
    join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
    where relations.relkind in ('r', 'p', 'v', 'm')
      and relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and has_column_privilege(relations.oid, columns.attnum, 'select')
  loop
    execute format(
      'select exists (select from %s where %I::text ~ ''MMMMMMMM|eeeeeeeeeeeeeeee'')', readable.relation, readable.attname
    ) into has_it;
    searched := searched + 1;
    if has_it then
      hits := hits || (readable.relation || '.' || readable.attname);
    end if;
  end loop;
end
$$;
grant execute on function pg_temp.columns_with_ciphertext() to anon, authenticated, service_role;

select tests.act_as_service();
select bag_has(
  'select unnest(hits) from pg_temp.columns_with_ciphertext()',
  $$ values ('user_api_keys.encrypted_key'), ('user_api_keys.key_fingerprint'), ('mcp_sessions.oauth_data'), ('ai_agent_configs.config_value') $$,
  'the backend reads them, and the search finds them there'
);
select is_empty(
  $$
    select unnest(hits) from pg_temp.columns_with_ciphertext()
    except values ('user_api_keys.encrypted_key'), ('user_api_keys.key_fingerprint'), ('mcp_sessions.oauth_data'), ('ai_agent_configs.config_value')
  $$,
  'and nowhere else'
);

select tests.act_as_anon();
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'a visitor reads none');
select tests.act_as('alice');
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'their owner reads none');
select cmp_ok((select searched from pg_temp.columns_with_ciphertext()), '>', 200::bigint, 'though there is much that she reads');
select tests.act_as('bob');
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'an admin of the organization reads none');
select tests.act_as('carol');
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'a manager of agents reads none');
select tests.act_as('dave');
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'a viewer reads none');
select tests.act_as('eve');
select is((select hits from pg_temp.columns_with_ciphertext()), '{}', 'a stranger reads none');

select * from finish();
rollback;
