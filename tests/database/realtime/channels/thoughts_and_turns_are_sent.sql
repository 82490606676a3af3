begin;
select plan(8);

create temporary view sent as
select messages.topic, messages.event, messages.private, messages.payload - 'id' as payload
from realtime.messages;
insert into public.agents (id, name, organization_id, created_by)
values ('50000000-0000-4000-8000-000000000001', 'Shared', tests.id('acme'), tests.id('alice'));
insert into public.agents (id, name, created_by)
values ('50000000-0000-4000-8000-000000000002', 'Own', tests.id('eve'));
delete from realtime.messages;

insert into public.agent_thoughts (id, agent_id, node_id, node_type, content)
values
  ('51000000-0000-4000-8000-000000000001', '50000000-0000-4000-8000-000000000001', 'a', 'input', 'Secret'),
  ('51000000-0000-4000-8000-000000000002', '50000000-0000-4000-8000-000000000001', 'b', 'output', 'Secret'),
  ('51000000-0000-4000-8000-000000000003', '50000000-0000-4000-8000-000000000002', 'a', 'input', 'Secret');
select results_eq(
  'select topic, event, private, payload from sent order by 1',
  $$ values
    ('organization:' || tests.id('acme'), 'thoughts', true, '{
      "execution_id": null, "agent_id": "50000000-0000-4000-8000-000000000001",
      "ids": ["51000000-0000-4000-8000-000000000001", "51000000-0000-4000-8000-000000000002"]
    }'::jsonb),
    ('user:' || tests.id('eve'), 'thoughts', true, '{
      "execution_id": null, "agent_id": "50000000-0000-4000-8000-000000000002",
      "ids": ["51000000-0000-4000-8000-000000000003"]
    }') $$,
  'thoughts of a statement are one message to each owner'
);
select is_empty($$ select from sent where payload::text ~ 'Secret' $$, 'without what was thought');

delete from realtime.messages;
insert into public.agent_thoughts (agent_id, node_id, node_type, content)
select '50000000-0000-4000-8000-000000000001', 'many-' || n, 'action', '.' from generate_series(1, 1200) n;
select results_eq(
  $$ select jsonb_array_length(payload -> 'ids') from sent order by 1 desc $$, 'values (500), (500), (200)',
  'many are several messages'
);
select is(
  (select count(distinct id) from sent, jsonb_array_elements_text(payload -> 'ids') as id), 1200::bigint, 'with all of them'
);

delete from realtime.messages;
insert into private.running_turns (id, user_id, organization_id, source, title, lease_expires_at)
values ('52000000-0000-4000-8000-000000000001', tests.id('bob'), tests.id('acme'), 'chat', 'Private', now());
delete from private.running_turns where id = '52000000-0000-4000-8000-000000000001';
select results_eq(
  $$ select topic, event, payload ->> 'turn_id', payload ->> 'state', payload::text ~ 'Private' from sent order by 4 $$,
  $$ values
    ('organization:' || tests.id('acme'), 'turn', '52000000-0000-4000-8000-000000000001', 'running', false),
    ('organization:' || tests.id('acme'), 'turn', '52000000-0000-4000-8000-000000000001', 'settled', false) $$,
  'the organization is informed when a turn runs and when it is settled'
);

-- A project without Realtime.
set local role supabase_realtime_admin;
drop function realtime.send(jsonb, text, text, boolean);
alter table realtime.messages rename to gone;
reset role;
select lives_ok(
  $$ insert into public.agent_thoughts (agent_id, node_id, node_type, content)
     values ('50000000-0000-4000-8000-000000000001', 'quiet', 'action', '.') $$,
  'thoughts are recorded without it'
);
select lives_ok('select private.make_channel_policy()', 'there is no policy to make');
select is(private.channel_policy_is_missing(), false, 'and none is missing');

select * from finish();
rollback;
