begin;
select plan(14);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_2222', '2222');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
select tests.refused($$ select pg_temp.begin('3') $$, 401, 'invalid_api_key', 'one that does not exist');
select tests.refused(
  format($$ select public.begin_chat_turn(%L, '{"request_id": "r", "messages": []}') $$, caller), 401, 'invalid_api_key', caller
)
from unnest(array['{"access_key": null}', '{"access_key": ""}', '{"access_key": null, "user_id": "00000000-0000-4000-8000-00000000000c"}']) as caller;
update public.access_keys set revoked_at = now() where name = 'One';
select tests.refused($$ select pg_temp.begin('1') $$, 401, 'access_key_revoked', 'one that was revoked');
update public.access_keys set revoked_at = null, expires_at = now() where name = 'One';
select tests.refused($$ select pg_temp.begin('1') $$, 401, 'access_key_expired', 'one that has expired');
update public.access_keys set expires_at = now() + interval '1 second', scopes = '{embeddings,models}' where name = 'One';
select tests.refused($$ select pg_temp.begin('1') $$, 403, 'access_key_scope_missing', 'one that may not chat');
select isnt(
  public.list_chat_models(jsonb_build_object('access_key', repeat('1', 64)))::jsonb, null, 'but list models'
);
update public.access_keys set scopes = '{chat}' where name = 'One';
select tests.refused(
  $$ select public.list_chat_models(jsonb_build_object('access_key', repeat('1', 64))) $$, 403, 'access_key_scope_missing',
  'or the other way about'
);
select tests.refused(
  $$ select pg_temp.begin('1', '{"kind": "embedding", "model": "openai/text-embedding-3-small"}') $$, 403, 'access_key_scope_missing',
  'or one that may not embed'
);
select tests.refused(
  $$ select private.impersonate(jsonb_build_object('access_key', repeat('2', 64))) $$, 403, 'access_key_not_accepted',
  'and where no scope is asked for, none'
);
select is_empty('select id from public.ai_interactions', 'nothing was begun');
select results_eq('select name from public.access_keys where last_used_at is not null', $$ values ('One') $$, 'and none used, but the one that listed');
select isnt(pg_temp.begin('1'), null, 'what a key has the scope for works');

select * from finish();
rollback;
