begin;
select plan(11);

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
create function pg_temp.run()
returns void
language plpgsql
as $$
declare
  turn uuid := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('bob')),
    '{"request_id": "sent", "model": "gpt-4o", "messages": [{"role": "user", "content": "Private"}]}'
  ) ->> 'turn_id';
begin
  perform public.settle_chat_turn(turn, '{"state": "failed", "attempts": []}');
  delete from public.ai_interactions where id = turn;
end
$$;
create temporary view payer as select current_organization_id as id from public.profiles where id = tests.id('bob');
select pg_temp.run();
select is_empty('select from sent', 'a turn is not sent where its organization does not ask for it');
select throws_ok(
  $$ update public.organizations set settings = '{"broadcast_turns": "yes"}' where id = (select id from payer) $$,
  '23514', null, 'it asks with true'
);
update public.organizations set settings = '{"broadcast_turns": true}' where id <> (select id from payer);
select pg_temp.run();
select is_empty('select from sent', 'and not where another does');
update public.organizations set settings = '{"broadcast_turns": true}' where id = (select id from payer);
select pg_temp.run();
select results_eq(
  $$ select topic, event, payload ->> 'user_id', payload ->> 'state', payload::text ~ 'Private' from sent order by 4 $$,
  $$ values
    ('organization:' || (select id from payer), 'turn', tests.id('bob')::text, 'running', false),
    ('organization:' || (select id from payer), 'turn', tests.id('bob')::text, 'settled', false) $$,
  'where it does, the organization is informed when a turn runs and when it is settled'
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
select lives_ok('select private.create_channel_policy()', 'there is no policy to make');
select is(private.channel_policy_is_missing(), false, 'and none is missing');

select * from finish();
rollback;
