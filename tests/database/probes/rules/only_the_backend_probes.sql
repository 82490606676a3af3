begin;
select plan(5);

select tests.act_as('alice');
select tests.denied('select public.claim_agent_probes()', 'a person claims no probe');
select tests.denied($$ select public.record_agent_probes('[]') $$, 'and records none');
select tests.denied('select * from private.agent_probes', 'nor reads what is due');

select tests.act_as_service();
select isnt_empty(
  'select jsonb_array_elements(public.claim_agent_probes())', 'the backend claims'
);
select lives_ok($$ select public.record_agent_probes('[]') $$, 'and records');

select * from finish();
rollback;
