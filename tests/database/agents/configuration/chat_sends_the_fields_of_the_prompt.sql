begin;
select plan(25);

insert into public.agents (id, name, created_by, vendor_id, service_id) values
  ('20000000-0000-4000-8000-000000000001', 'configured', tests.id('eve'), 'openai', 'openai_gpt4o');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');

create function pg_temp.begun(request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'configured', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    ) || request
  )
$$;
create function pg_temp.sent_prompt(prompt text, config jsonb, security jsonb default '{}')
returns text
language plpgsql
as $$
begin
  update public.agents
  set system_prompt = sent_prompt.prompt, config = sent_prompt.config, security = sent_prompt.security
  where name = 'configured';
  return (
    select message ->> 'content'
    from jsonb_array_elements(pg_temp.begun('{"store": false}') -> 'messages') as message where message ->> 'role' = 'system'
  );
end
$$;

-- What each field makes of the prompt that the vendor is sent.
select is(pg_temp.sent_prompt(stated.prompt, stated.config, stated.security), stated.sent, stated.claim)
from (values
  (null, '{}'::jsonb, '{}'::jsonb, null, 'without a prompt there is none'),
  ('Be {{mood}}.', '{}', '{}', 'Be {{mood}}.', 'a name that stands for nothing stays'),
  ('Be {{mood}}.', '{"prompt": {"dynamic_variables": {"mood": "kind"}}}', '{}', 'Be kind.', 'a variable is filled in'),
  ('{{a}}{{b}}{{c}}{{d}}', '{"prompt": {"dynamic_variables": {"a": 1, "b": true, "c": null, "d": {}}}}', '{}', '1true{{c}}{{d}}', 'also numbers, but no objects'),
  ('{{a}}', '{"prompt": {"dynamic_variables": {"a": "100% \\1 %s"}}}', '{}', '100% \1 %s', 'as it is written'),
  ('{{a}}{{b}}', '{"prompt": {"dynamic_variables": {"a": "{{b}}", "b": "{{a}}"}}}', '{}', '{{b}}{{a}}', 'and is not read again'),
  ('{{{a}}} {{ {{a}}', '{"prompt": {"dynamic_variables": {"a": "x"}}}', '{}', '{x} {{ x', 'between other brackets, too'),
  ('{{current_date}}', '{"prompt": {"dynamic_variables": {"current_date": "today"}, "timezone": "UTC"}}', '{}', 'today', 'rather than a date'),
  ('{{a}}', '{"prompt": {"dynamic_variables": null}}', '{}', '{{a}}', 'null is none'),
  ('p', '{"prompt": {"language": "de-CH"}}', '{}', E'p\n\nAnswer in the language de-CH.', 'the language'),
  ('p', '{"behaviour": {"tone": "100% friendly"}}', '{}', E'p\n\nThe tone of your answers: 100% friendly.', 'the tone'),
  ('p', '{"behaviour": {"handoff_contact": "help@example.com"}}', '{}', E'p\n\nRefer users whom you cannot help to: help@example.com.', 'the contact'),
  ('p', '{}', '{"blocked_topics": ["politics", "law"]}', E'p\n\nDo not discuss these topics: politics; law.', 'the topics'),
  ('p', '{}', '{"blocked_topics": []}', 'p', 'an empty list says nothing'),
  ('p', '{"prompt": {"language": null}, "behaviour": {"tone": ""}}', '{"blocked_topics": null}', 'p', 'nor does null, or an empty text'),
  (null, '{"prompt": {"language": "fr"}, "behaviour": {"tone": "dry"}}', '{}', E'Answer in the language fr.\nThe tone of your answers: dry.', 'without a prompt they are the prompt')
) as stated (prompt, config, security, sent, claim);
select is(
  pg_temp.sent_prompt('{{current_date}} {{current_time}}', '{"prompt": {"timezone": "Pacific/Kiritimati"}}'),
  to_char(now() at time zone 'Pacific/Kiritimati', 'YYYY-MM-DD HH24:MI'), 'the time zone'
);
select tests.refused(
  $$ select pg_temp.sent_prompt(repeat('{{a}}', 1000), jsonb_build_object('prompt', jsonb_build_object('dynamic_variables', jsonb_build_object('a', repeat('x', 1000))))) $$,
  400, 'agent_config_invalid', 'a prompt does not grow without bound'
);

-- Messages of the history.
update public.agents set system_prompt = null, config = '{"model": {"history_messages": 2}}', security = '{}';
insert into public.chat_sessions (id, session_id, user_id, org_id, agent_id)
select '90000000-0000-4000-8000-000000000001', 'sess_0000000000000001', id, current_organization_id, '20000000-0000-4000-8000-000000000001'
from public.profiles where id = tests.id('eve');
insert into public.chat_messages (session_id, role, content)
select '90000000-0000-4000-8000-000000000001', role, content
from (values ('system', 'rule'), ('user', 'one'), ('assistant', 'two'), ('user', 'three'), ('assistant', 'four')) as said (role, content);
create function pg_temp.history(config jsonb)
returns text
language plpgsql
as $$
declare
  begun jsonb;
begin
  update public.agents set config = history.config where name = 'configured';
  begun := pg_temp.begun('{"session_id": "sess_0000000000000001", "store": false}');
  return (select string_agg(message ->> 'content', ' ') from jsonb_array_elements(begun -> 'messages') as message);
end
$$;
select is(pg_temp.history('{}'), 'rule one two three four hi', 'all of a history, where nothing is stated');
select is(pg_temp.history('{"model": {"history_messages": 2}}'), 'rule three four hi', 'the latest messages, and the instructions');
select is(pg_temp.history('{"model": {"history_messages": 3}}'), 'rule three four hi', 'an exchange is whole');
select is(pg_temp.history('{"model": {"history_messages": 0}}'), 'rule hi', 'or none of it');

-- The length of a message.
update public.agents set config = '{}', security = '{"max_message_characters": 3}' where name = 'configured';
select is(pg_temp.begun('{"messages": [{"role": "system", "content": "a long rule"}, {"role": "user", "content": "äöü"}]}') ? 'turn_id', true, 'a message has so many characters');
select tests.refused(
  $$ select pg_temp.begun('{"messages": [{"role": "user", "content": [{"type": "text", "text": "abcd"}]}]}') $$,
  413, 'message_too_long', 'and not more'
);
select is(pg_temp.begun('{"session_id": "sess_0000000000000001", "messages": [{"role": "user", "content": "abc"}]}') ? 'turn_id', true, 'what was said before counts no longer');

select * from finish();
rollback;
