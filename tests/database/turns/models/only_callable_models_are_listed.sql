begin;
select plan(8);

insert into public.agents (name, created_by, organization_id, vendor_id, model_name, enabled, status, is_public) values
  ('eve''s', tests.id('eve'), null, 'openai', 'gpt-x', true, 'active', false),
  ('eve''s, off', tests.id('eve'), null, 'openai', 'gpt-x', false, 'active', false),
  ('eve''s, paused', tests.id('eve'), null, 'openai', 'gpt-x', true, 'paused', false),
  ('eve''s, empty', tests.id('eve'), null, null, null, true, 'active', false),
  ('eve''s two', tests.id('eve'), null, 'openai', 'gpt-x', true, 'active', false),
  ('acme''s', null, tests.id('acme'), 'openai', 'gpt-x', true, 'active', false),
  ('alice''s public', tests.id('alice'), null, 'openai', 'gpt-x', true, 'active', true);

insert into public.models (agent_id, name, model_id)
select id, unnest(array['a', 'b']), 'x' from public.agents where name = 'eve''s two';

create function pg_temp.listed(person text)
returns text
language plpgsql
as $$
declare
  listed jsonb := public.list_chat_models(jsonb_build_object('user_id', tests.id(person)))::jsonb -> 'models';
begin
  perform set_config('request.jwt.claim.sub', '', true);
  return (select string_agg(model.value ->> 'id', ', ' order by model.ordinality)
    from jsonb_array_elements(listed) with ordinality as model);
end
$$;

select is(
  pg_temp.listed('eve'),
  'ccrouter/gemini-3.8-flash, ccrouter/gemini-3.5-flash-lite, ccrouter/gemini-4-hydrogen, droid/claude-sonnet-5.5, '
    || 'droid/claude-opus-5.5, droid/gpt-4o, droid/gpt-6-luna, droid/gpt-6.2-sol, eve''s, eve''s two/a, eve''s two/b, '
    || 'ccrouter/gemini-1.5-flash, ccrouter/gemini-1.5-pro, ccrouter/gemini-2.0-pro, '
    || 'droid/claude-3-opus, droid/claude-3.5-sonnet, droid/gpt-4-turbo',
  'the own and the platform''s, those that are on and have something to call: defaults first, what others replace last'
);
select doesnt_match(pg_temp.listed('carol'), 'acme', 'nor those of an organization in which the caller does not work now');
update public.profiles set current_organization_id = tests.id('acme') where id in (tests.id('carol'), tests.id('dave'));
select matches(pg_temp.listed('carol'), '^acme''s, ccrouter/gemini-3.8-flash, ', 'who works there has them');
select doesnt_match(pg_temp.listed('dave'), 'acme', 'a viewer has not');
select doesnt_match(pg_temp.listed('bob'), 'alice', 'a stranger''s public agent is not listed: it is known by its id');

update public.models set enabled = false where name = 'gpt-4o';
update public.vendors set is_active = false where id = 'google_vertex';
update public.vendor_services set is_active = false where id = 'openrouter_claude_opus_5_5';
update public.vendor_services set service_kind = 'image' where id = 'openrouter_gpt_6_2_sol';
select is(
  pg_temp.listed('eve'),
  'droid/claude-sonnet-5.5, droid/gpt-6-luna, eve''s, eve''s two/a, eve''s two/b, droid/claude-3.5-sonnet, '
    || 'droid/gpt-6.2-sol, droid/gpt-4-turbo',
  'nothing that is out of use, nor what it replaces; what sells pictures is listed, after what chats'
);
select is(
  (
    select jsonb_object_agg(model ->> 'kind', model -> 'id')
    from jsonb_array_elements(public.list_chat_models(jsonb_build_object('user_id', tests.id('eve')))::jsonb -> 'models') as model
    where model ->> 'id' in ('droid/gpt-6-luna', 'droid/gpt-6.2-sol')
  ),
  '{"chat": "droid/gpt-6-luna", "image": "droid/gpt-6.2-sol"}', 'each with its kind'
);
select set_config('request.jwt.claim.sub', '', true);
update public.models set enabled = false;
select is(
  pg_temp.listed('eve'), 'eve''s, eve''s two', 'an agent without models is itself one, if it has a model of its own'
);

select * from finish();
rollback;
