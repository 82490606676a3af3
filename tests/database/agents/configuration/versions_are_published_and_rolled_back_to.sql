begin;
select plan(26);

insert into public.agents (id, name, organization_id, created_by, vendor_id, system_prompt, config, voice_settings) values
  ('20000000-0000-4000-8000-000000000001', 'versioned', tests.id('acme'), tests.id('carol'), 'openai', 'First.', '{"model": {"top_p": 0.1}}', '{"speed": 2}');
insert into public.ai_agent_configs (agent_id, user_id, config_key, config_value, is_encrypted)
values ('20000000-0000-4000-8000-000000000001', tests.id('carol'), 'webhook_key', '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', true);

select tests.act_as('carol');
select is(public.publish_agent('20000000-0000-4000-8000-000000000001', 'Start'), 1, 'who manages agents publishes the present version');
select ok((select is_published from public.agents where name = 'versioned'), 'which opens the agent');
select is(public.publish_agent('20000000-0000-4000-8000-000000000001', 'Start, renamed'), 1, 'the same configuration is the same version');
update public.agents set system_prompt = 'Second.', config = '{"model": {"top_p": 0.2}}', voice_settings = '{}' where name = 'versioned';
select is(public.agent_runtime_config('20000000-0000-4000-8000-000000000001') #>> '{configuration,model,top_p}', '0.2', 'a runtime has the agent as it is');
select is(
  public.agent_runtime_config('20000000-0000-4000-8000-000000000001', 1) #> '{configuration,voice,speed}', '2', 'or a version that is published'
);
select is(public.agent_runtime_config('20000000-0000-4000-8000-000000000001', 1) ->> 'version', '1', 'which says so');
select is(public.agent_runtime_config('20000000-0000-4000-8000-000000000001') #> '{configuration,voice,speed}', '1', 'with the default of what it leaves out');
select is(public.publish_agent('20000000-0000-4000-8000-000000000001'), 2, 'a change is a version of its own');
select is(public.rollback_agent('20000000-0000-4000-8000-000000000001', 1), 3, 'a rollback, too');
select is(
  (select row(system_prompt, config, voice_settings, version)::text from public.agents where name = 'versioned'),
  row('First.', '{"model": {"top_p": 0.1}}'::jsonb, '{"speed": 2}'::jsonb, 3)::text, 'which has the configuration of the earlier one'
);
select set_eq(
  'select version, title from public.agent_versions', $$ values (1, 'Start, renamed'), (2, null), (3, 'Back to version 1') $$, 'all are kept'
);
select tests.refused($$ select public.rollback_agent('20000000-0000-4000-8000-000000000001', 9) $$, 404, 'agent_version_not_found', 'one that is not published does not exist');
select tests.refused($$ select public.agent_runtime_config('20000000-0000-4000-8000-000000000001', 9) $$, 404, 'agent_version_not_found', 'nor delivered');
select tests.denied($$ update public.agent_versions set configuration = '{}' $$, 'no client changes one');
select is(
  public.agent_runtime_config('20000000-0000-4000-8000-000000000001') -> 'secrets' @> '[{"config_key": "webhook_key"}]'
  and public.agent_runtime_config('20000000-0000-4000-8000-000000000001')::text not like '%v1:k1:%',
  true, 'secrets are named, and not delivered'
);

update public.agents set voice_settings = '{"speed": 3}' where name = 'versioned';
select is(public.publish_agent('20000000-0000-4000-8000-000000000001'), 4, 'a change of the voice alone is a version, too');
select is(
  public.agent_runtime_config('20000000-0000-4000-8000-000000000001', 4) #> '{configuration,voice,speed}', '3', 'with the voice as it is'
);
select is(
  public.agent_runtime_config('20000000-0000-4000-8000-000000000001', 3) #> '{configuration,voice,speed}', '2', 'and the one before stays as it was'
);

select tests.act_as('dave');
select tests.refused($$ select public.publish_agent('20000000-0000-4000-8000-000000000001') $$, 404, 'agent_not_found', 'a viewer publishes nothing');
select is_empty('select from public.agent_versions', 'nor reads versions');
select is(public.agent_runtime_config('20000000-0000-4000-8000-000000000001') -> 'secrets', '[]', 'nor sees others'' secrets');
select tests.act_as('eve');
select tests.refused($$ select public.agent_runtime_config('20000000-0000-4000-8000-000000000001') $$, 404, 'agent_not_found', 'a stranger has nothing');
select tests.refused($$ select public.rollback_agent('20000000-0000-4000-8000-000000000001', 1) $$, 404, 'agent_not_found', 'and rolls nothing back');

-- A client's token without a subject is not the backend's.
set request.jwt.claims = '{"role": "authenticated"}';
select tests.refused($$ select public.publish_agent('20000000-0000-4000-8000-000000000001') $$, 404, 'agent_not_found', 'a token without a subject publishes nothing');
select is(private.secret_references('20000000-0000-4000-8000-000000000001'), '[]', 'nor sees secrets');
select tests.reset();
update public.agents set system_prompt = n::text from generate_series(1, 1) n where name = 'versioned';
insert into public.agent_versions (agent_id, version, configuration)
select '20000000-0000-4000-8000-000000000001', n, '{}' from generate_series(100, 200) n;
update public.agents set version = 300 where name = 'versioned';
select public.publish_agent('20000000-0000-4000-8000-000000000001');
select is((select count(*) from public.agent_versions), 100::bigint, 'the last hundred are kept');

select * from finish();
rollback;
