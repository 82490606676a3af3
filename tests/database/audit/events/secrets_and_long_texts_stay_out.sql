begin;
select plan(7);

select tests.act_as('carol');
insert into public.agents (id, name, organization_id, system_prompt, notes, tags, config) values (
  md5('audited')::uuid, 'sk-0123456789abcdef0123 as a name', tests.id('acme'), repeat('ä', 50000), 'private note',
  array['Bearer 0123456789abcdef0123'], jsonb_build_object('filler', repeat('x', 200000))
);
insert into public.ai_agent_configs (agent_id, config_key, config_value, user_id)
values (md5('audited')::uuid, 'endpoint', '{"token": "hidden-value"}', tests.id('carol'));
select tests.reset();

select is(
  (select after ->> 'name' from public.audit_events where table_name = 'agents'), '[redacted] as a name',
  'what looks like a key is redacted in a name'
);
select is(
  (select after -> 'tags' from public.audit_events where table_name = 'agents'), '["[redacted]"]',
  'and in a list'
);
select is(
  (select after -> 'system_prompt' from public.audit_events where table_name = 'agents'), '{"bytes": 100000}',
  'a long text appears as its size'
);
select is(
  (select after -> 'notes' from public.audit_events where table_name = 'agents'), '{"bytes": 12}',
  'a column of which only the size is recorded appears as that'
);
select ok(
  (select octet_length(after::text) < 4096 from public.audit_events where table_name = 'agents'),
  'so an event stays small'
);
select is(
  (select after -> 'config_value' from public.audit_events where table_name = 'ai_agent_configs'), '{"bytes": 25}',
  'a setting of an agent shows no value'
);
select is_empty(
  $$ select id from public.audit_events where (before::text || after::text) ~ 'hidden-value|0123456789abcdef|v1:' $$,
  'no secret is anywhere in the log'
);

select * from finish();
rollback;
