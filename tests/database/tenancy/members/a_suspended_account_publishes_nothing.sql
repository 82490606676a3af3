begin;
select plan(17);

select tests.act_as('eve');
insert into public.agents (id, name) values ('20000000-0000-4000-8000-000000000001', 'Mine');
insert into public.agent_templates (id, name, type, created_by)
values ('20000000-0000-4000-8000-000000000002', 'Mine', 'chat', tests.id('eve'));
select isnt_empty(
  $$ update public.agents set is_public = true where name = 'Mine' returning id $$, 'who is active shares an agent'
);
select tests.reset();
update public.agents set is_public = false where name = 'Mine';

create function pg_temp.publishes_nothing(state text)
returns setof text
language plpgsql
as $$
begin
  perform tests.reset();
  update public.profiles set status = state where id = tests.id('eve');
  perform tests.act_as('eve');
  return next throws_ok('insert into public.agents (name) values (''More'')', '42501', null, state || ' makes no agent');
  return next throws_ok(
    'insert into public.agent_templates (name, type, is_public) values (''More'', ''chat'', true)', '42501', null,
    state || ' makes no template'
  );
  return next throws_ok(
    'insert into public.organizations (name, slug) values (''More'', ''more'')', '42501', null,
    state || ' makes no organization'
  );
  return next is_empty(
    'update public.agents set is_published = true where name = ''Mine'' returning id', state || ' publishes no agent'
  );
  return next is_empty(
    'update public.agent_templates set is_public = true where name = ''Mine'' returning id', state || ' publishes no template'
  );
  return next throws_ok(
    'insert into public.models (agent_id, name, provider, model_id) '
    'values (''20000000-0000-4000-8000-000000000001'', ''m'', ''openai'', ''m'')',
    '42501', null, state || ' adds no model'
  );
end
$$;
select pg_temp.publishes_nothing('suspended');
select tests.reset();
select pg_temp.publishes_nothing('deactivated');

select tests.reset();
update public.profiles set status = 'active' where id = tests.id('eve');
select tests.act_as('eve');
select isnt_empty(
  $$ update public.agents set is_published = true where name = 'Mine' returning id $$, 'until it is active again'
);
select lives_ok(
  $$ insert into public.organizations (name, slug) values ('More', 'more') $$, 'which makes organizations again'
);

select tests.reset();
update public.profiles set status = 'suspended' where id = tests.id('eve');
select tests.act_as('eve');
select isnt_empty($$ delete from public.agents where name = 'Mine' returning id $$, 'a suspended one deletes its agents');
select isnt_empty(
  $$ delete from public.agent_templates where name = 'Mine' returning id $$, 'and its templates'
);

select * from finish();
rollback;
