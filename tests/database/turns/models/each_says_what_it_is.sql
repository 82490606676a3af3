begin;
select plan(3);

insert into public.agents (id, name, created_by, vendor_id, service_id, created_at) values
  ('20000000-0000-4000-8000-000000000001', 'mine', tests.id('eve'), 'openai', 'openai_gpt4o', '2026-01-01 00:00:00.9+00');
insert into public.models (agent_id, name, model_id, service_id, created_at)
select id, 'plain', 'x', 'openrouter_gpt4o', '2026-01-02 00:00:00+00' from public.agents where name = 'droid';

create temporary table listed as
select model.value as model
from jsonb_array_elements(public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')))::jsonb -> 'models') as model;

select is(
  (select model from listed where model ->> 'agent' = 'mine'),
  '{
    "id": "mine", "agent_id": "20000000-0000-4000-8000-000000000001", "agent": "mine", "model": "gpt-4o",
    "display_name": "mine", "provider": null, "vendor_id": "openai", "kind": "chat",
    "created": 1767225600
  }'::jsonb,
  'an agent without models is itself one, of its service'
);
select is(
  (select model - 'agent_id' from listed where model ->> 'model' = 'plain'),
  '{
    "id": "droid/plain", "agent": "droid", "model": "plain", "display_name": "plain", "provider": null,
    "vendor_id": "openrouter", "kind": "chat", "created": 1767312000
  }'::jsonb,
  'a model without a name to show is shown by its own'
);
select is(
  (select model - 'agent_id' - 'created' from listed where model ->> 'id' = 'droid/gpt-4o'),
  '{
    "id": "droid/gpt-4o", "agent": "droid", "model": "gpt-4o", "display_name": "GPT-4o", "provider": "openrouter",
    "vendor_id": "openrouter", "kind": "chat"
  }'::jsonb,
  'one of the catalogue is shown as it says'
);

select * from finish();
rollback;
