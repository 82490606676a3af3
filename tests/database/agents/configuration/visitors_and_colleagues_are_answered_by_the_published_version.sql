begin;
select plan(20);

-- bob is an admin of Acme and edits its agents; dave may chat, and edits none.
update public.organization_members set role = 'member' where user_id = tests.id('dave') and organization_id = tests.id('acme');
create temporary table widget as
select key from tests.widget('20000000-0000-4000-8000-000000000001', 'bob', '["a.example"]', tests.id('acme'));
update public.agents
set vendor_id = 'openai', service_id = 'openai_gpt4o_mini', system_prompt = 'First.', temperature = 0.1, max_tokens = 11,
  config = '{"model": {"top_p": 0.1}, "fallbacks": ["gpt-4o"]}'
where id = '20000000-0000-4000-8000-000000000001';
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview)
values
  (tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''),
  (tests.id('bob'), tests.id('acme'), 'anthropic', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
select tests.visit(key, 'https://a.example', 'token') from widget;

create function pg_temp.answer_of(turn jsonb)
returns text
language sql
as $$
  select concat_ws(
    ' ', turn -> 'messages' -> 0 ->> 'content', turn -> 'routes' -> 0 ->> 'service_id', turn -> 'routes' -> 0 ->> 'model',
    turn -> 'defaults' ->> 'temperature', turn -> 'defaults' ->> 'max_tokens', turn -> 'defaults' -> 'fields' ->> 'top_p',
    jsonb_array_length(turn -> 'routes')
  )
$$;
create function pg_temp.asked_by(name text, agent uuid default '20000000-0000-4000-8000-000000000001')
returns text
language plpgsql
as $$
declare
  turn jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(name)),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', agent, 'store', false, 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    )
  );
begin
  perform tests.reset();
  return pg_temp.answer_of(turn);
end
$$;
create function pg_temp.asked_by_visitor()
returns text
language plpgsql
as $$
declare
  turn jsonb := tests.ask((select tests.visitor(key, 'https://a.example', 'token') from widget));
begin
  perform tests.answered(turn);
  return pg_temp.answer_of(turn);
end
$$;

select is(asked, 'First. openai_gpt4o_mini gpt-4o-mini 0.10 11 0.1 2', who || ' is answered by the agent where nothing was published')
from (values ('bob', pg_temp.asked_by('bob')), ('dave', pg_temp.asked_by('dave')), ('a visitor', pg_temp.asked_by_visitor())) as askers (who, asked);

select public.publish_agent('20000000-0000-4000-8000-000000000001');
update public.agents
set vendor_id = 'anthropic', service_id = 'anthropic_claude_sonnet_5_5', system_prompt = 'Draft.', temperature = 0.9, max_tokens = 99, config = '{"model": {"top_p": 0.9}}'
where id = '20000000-0000-4000-8000-000000000001';
select is(asked, wanted, who || ' is answered by ' || left(wanted, 5) || ' after the agent changed')
from (values
  ('bob', pg_temp.asked_by('bob'), 'Draft. anthropic_claude_sonnet_5_5 claude-sonnet-5-5 0.90 99 0.9 1'),
  ('dave', pg_temp.asked_by('dave'), 'First. openai_gpt4o_mini gpt-4o-mini 0.10 11 0.1 2'),
  ('a visitor', pg_temp.asked_by_visitor(), 'First. openai_gpt4o_mini gpt-4o-mini 0.10 11 0.1 2')
) as askers (who, asked, wanted);

-- What the platform sells is named by the vendor only; the agent names a model without a service.
update public.agents set vendor_id = 'openai', service_id = null, model_name = 'gpt-4o' where id = '20000000-0000-4000-8000-000000000001';
select is(public.publish_agent('20000000-0000-4000-8000-000000000001', 'Second'), 4, 'it is published again');
select is(pg_temp.asked_by_visitor(), 'Draft. openai_gpt4o gpt-4o 0.90 99 0.9 1', 'from then on it answers');
update public.agents set model_name = 'gpt-4o-mini', system_prompt = 'Draft 2.' where id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.asked_by_visitor(), 'Draft. openai_gpt4o gpt-4o 0.90 99 0.9 1', 'by the name of its model, too');
select is(pg_temp.asked_by('dave'), 'Draft. openai_gpt4o gpt-4o 0.90 99 0.9 1', 'for a colleague as well');
select is(pg_temp.asked_by('carol'), 'Draft 2. openai_gpt4o_mini gpt-4o-mini 0.90 99 0.9 1', 'not for a manager of agents');

select is(public.rollback_agent('20000000-0000-4000-8000-000000000001', 2), 6, 'an earlier version is published again');
select is(pg_temp.asked_by_visitor(), 'First. openai_gpt4o_mini gpt-4o-mini 0.10 11 0.1 2', 'and answers');

-- A change of the voice alone does not raise the version.
create function pg_temp.speed_for(name text)
returns text
language plpgsql
as $$
declare
  begun jsonb := public.begin_voice_turn(
    jsonb_build_object('user_id', tests.id(name)), '{"model": "20000000-0000-4000-8000-000000000001"}'
  );
begin
  perform tests.reset();
  return begun -> 'voice_settings' ->> 'speed';
end
$$;
update public.agents set voice_settings = '{"speed": 2}' where id = '20000000-0000-4000-8000-000000000001';
select public.publish_agent('20000000-0000-4000-8000-000000000001');
update public.agents set voice_settings = '{"speed": 3}' where id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.speed_for('bob'), '3', 'its editor hears a voice that is not published');
select is(pg_temp.speed_for('dave'), '2', 'a colleague the published one');

-- What protects the agent holds at once.
update public.agents set status = 'paused' where id = '20000000-0000-4000-8000-000000000001';
select tests.refused('select pg_temp.asked_by_visitor()', 404, 'widget_not_found', 'a paused agent does not answer');
update public.agents set status = 'active', security = '{"allowed_domains": []}' where id = '20000000-0000-4000-8000-000000000001';
select tests.refused('select pg_temp.asked_by_visitor()', 403, 'origin_not_allowed', 'nor one whose sites were taken off');
update public.agents set security = '{"allowed_domains": ["a.example"]}', system_prompt = 'Draft 3.', is_published = false
where id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.asked_by('dave'), 'Draft 3. openai_gpt4o_mini gpt-4o-mini 0.10 11 0.1 2', 'one that is no longer published answers as it is');

-- A person's own agent.
insert into public.agents (id, name, created_by, vendor_id, service_id, system_prompt, is_public)
select '20000000-0000-4000-8000-000000000002', 'Bob''s', tests.id('bob'), services.vendor_id, services.id, 'Mine.', true
from public.vendor_services services
where services.service_kind = 'chat' and private.platform_sells(services.id)
order by services.id
limit 1;
select public.publish_agent('20000000-0000-4000-8000-000000000002');
-- Which the platform does not sell.
update public.agents set system_prompt = 'Draft.', vendor_id = 'openai', service_id = 'openai_gpt4o_mini' where id = '20000000-0000-4000-8000-000000000002';
select matches(pg_temp.asked_by('bob', '20000000-0000-4000-8000-000000000002'), '^Draft\. ', 'its owner is answered by it as it is');
select matches(pg_temp.asked_by('eve', '20000000-0000-4000-8000-000000000002'), '^Mine\. ', 'a stranger by what was published');

select * from finish();
rollback;
