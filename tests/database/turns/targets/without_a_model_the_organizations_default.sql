begin;
select plan(10);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.settings(value jsonb)
returns void
language sql
as $$
  update public.organizations set settings = value where created_by = tests.id('eve') and is_personal
$$;

select tests.refused(
  $$ select pg_temp.begin('eve', '{}') $$, 400, 'model_required', 'an organization without defaults wants a model'
);
select tests.refused($$ select pg_temp.begin('eve', '{"model": null}') $$, 400, 'model_required', 'null is none');
select tests.refused($$ select pg_temp.begin('eve', '{"model": ""}') $$, 400, 'model_required', 'nor is an empty one');

select pg_temp.settings('{"default_agent": "ccrouter"}');
select is(pg_temp.begin('eve', '{}') ->> 'model', 'gemini-3.8-flash', 'the default agent''s default model');
select pg_temp.settings('{"default_agent": "ccrouter", "default_model": "droid/gpt-4o"}');
select is(pg_temp.begin('eve', '{}') ->> 'model', 'gpt-4o', 'before it, the default model');
select is(pg_temp.begin('eve', '{"model": "gpt-4-turbo"}') ->> 'model', 'gpt-4-turbo', 'before that, the request''s');
select pg_temp.settings('{"default_agent": "", "default_model": ""}');
select tests.refused($$ select pg_temp.begin('eve', '{}') $$, 400, 'model_required', 'empty defaults are none');
select pg_temp.settings('{"default_model": "gone"}');
select tests.refused(
  $$ select pg_temp.begin('eve', '{}') $$, 404, 'model_not_found', 'a default that does not exist is not found'
);

update public.organizations set settings = '{"default_model": "gpt-4o"}' where id = tests.id('acme');
update public.profiles set current_organization_id = tests.id('acme') where id in (tests.id('carol'), tests.id('dave'));
select is(pg_temp.begin('carol', '{}') ->> 'model', 'gpt-4o', 'the defaults are those of the current organization');
select tests.refused(
  $$ select pg_temp.begin('dave', '{}') $$, 400, 'model_required', 'where a viewer does not chat'
);

select * from finish();
rollback;
