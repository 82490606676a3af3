begin;
select plan(27);

create temporary table shop as select * from tests.widget(
  '20000000-0000-4000-8000-000000000001', 'carol', '["a.example"]', tests.id('acme')
);
create function pg_temp.visitor(token text) returns jsonb language sql as $$
  select tests.visitor(key, 'https://a.example', token) from shop
$$;
select tests.visit(shop.key, 'https://a.example', tokens.token)
from shop cross join (values ('v1'), ('v2'), ('v3')) as tokens (token);

-- Whose keys: bob shares one with Acme; carol, who made the agent, and alice have one of their own.
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''),
  ('40000000-0000-4000-8000-000000000002', tests.id('carol'), null, 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''),
  ('40000000-0000-4000-8000-000000000003', tests.id('alice'), null, 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
-- Alice owns Acme, so visitors are answered by alice's rights; it is not alice who spends.
insert into public.budgets (organization_id, user_id, period, limit_usd) values (tests.id('acme'), tests.id('alice'), 'day', 0.0001);

select results_eq(
  $$ select organization_id, period, limit_usd, created_by from public.budgets where agent_id = '20000000-0000-4000-8000-000000000001' $$,
  $$ values (tests.id('acme'), 'day', 5::numeric(20, 10), null::uuid) $$,
  'an agent that gets a widget has a daily budget'
);

create temporary table turns as select tests.ask(pg_temp.visitor('v1'), '{"idempotency_key": "k", "fingerprint": "f"}') as turn;
select results_eq(
  $$ select route ->> 'credential', route ->> 'model', jsonb_path_query_array(route, '$.keys[*].id')
    from turns, jsonb_array_elements(turn -> 'routes') as route $$,
  $$ values ('shared', 'gpt-4o-mini', '["40000000-0000-4000-8000-000000000001"]'::jsonb) $$,
  'an organization''s agent spends what is shared with the organization, on what is priced'
);
select is((select turn -> 'caller' from turns), 'null', 'the caller is no person');
select results_eq(
  $$ select is_visitors, organization_id, session_id = (select session_id from private.visitor_sessions where token_hash = private.token_hash('v1')) from private.running_turns $$,
  $$ values (true, tests.id('acme'), true) $$,
  'the turn runs in the visitor''s session, and the organization pays'
);
select is(
  (select count(*) from public.budget_reservations join public.budgets on budgets.id = budget_id where agent_id is not null),
  1::bigint, 'its cost is reserved in the budget of the agent'
);
select is(
  (select reserved_usd from public.budgets where user_id = tests.id('alice')), 0::numeric(20, 10), 'and in no member''s'
);
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 409, 'session_busy', 'a session answers one message at a time'
);
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1'), '{"idempotency_key": "k", "fingerprint": "f"}') $$, 409, 'request_in_progress',
  'a repeated message is known'
);
select is(
  (public.list_visitor_messages(pg_temp.visitor('v1'), 0) ->> 'is_answering')::boolean, true, 'history says that an answer is under way'
);
select tests.answered(turn) from turns;
select results_eq(
  $$ select user_id, organization_id, agent_id, title, total_cost > 0 from public.ai_interactions where id = (select (turn ->> 'turn_id')::uuid from turns) $$,
  $$ values (null::uuid, tests.id('acme'), '20000000-0000-4000-8000-000000000001'::uuid, 'Chat with Shop', true) $$,
  'the ledger has it without a user'
);
select results_eq(
  $$ select spent_usd = (select total_cost from public.ai_interactions where id = (select (turn ->> 'turn_id')::uuid from turns)), reserved_usd
    from public.budgets where agent_id is not null $$,
  $$ values (true, 0::numeric(20, 10)) $$,
  'its budget has what it cost'
);
select is(
  tests.ask(pg_temp.visitor('v1'), '{"idempotency_key": "k", "fingerprint": "f"}') -> 'replay', '{"id": "x"}', 'the message sent again is answered from what was stored'
);
select isnt(
  tests.ask(pg_temp.visitor('v2'), '{"idempotency_key": "k", "fingerprint": "g"}') ->> 'turn_id', null,
  'the same Idempotency-Key of another visitor is another request'
);
-- What a visitor's request must not decide.
create temporary table forged as select tests.ask(pg_temp.visitor('v3'), jsonb_build_object(
  'session_id', (select sessions.session_id from public.chat_sessions sessions join private.visitor_sessions opened on opened.session_id = sessions.id where opened.token_hash = private.token_hash('v1')),
  'model', 'gpt-4o', 'store', false, 'max_output_tokens', 1000000, 'continues_turn', (select turn ->> 'turn_id' from turns), 'kind', 'embedding'
)) as turn;
select results_eq(
  $$ select turns.session_id = opened.session_id, turns.agent_id, turns.source, turns.model_name
    from forged join private.running_turns turns on turns.id = (forged.turn ->> 'turn_id')::uuid
    join private.visitor_sessions opened on opened.token_hash = private.token_hash('v3') $$,
  $$ values (true, '20000000-0000-4000-8000-000000000001'::uuid, 'chat', 'gpt-4o-mini') $$,
  'session, model and kind are not the visitor''s choice'
);
select is(
  (select jsonb_array_length(turn -> 'messages') - (turn ->> 'new_messages')::integer from forged), 1,
  'another''s history is not read: there is the prompt, and what was said'
);
select tests.answered(turn) from forged;

-- Limits.
update public.widgets set messages_per_session = 2;
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 409, 'visitor_session_full', 'a conversation has a largest length'
);
update public.widgets set messages_per_session = 200, messages_per_minute = 2;
delete from private.rate_limits;
select tests.answered(tests.ask(pg_temp.visitor('v1'))), tests.answered(tests.ask(pg_temp.visitor('v1')));
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 429, 'rate_limit_exceeded', 'a visitor writes so often in a minute'
);
select is(tests.answered(tests.ask(pg_temp.visitor('v3'))) ->> 'settled', 'true', 'another one may still');
update public.widgets set address_messages_per_minute = 1;
delete from private.rate_limits;
select tests.answered(tests.ask(pg_temp.visitor('v1')));
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v3')) $$, 429, 'rate_limit_exceeded', 'an address has a limit'
);
select is(
  tests.answered(tests.ask(pg_temp.visitor('v3') || '{"address": "198.51.100.1"}')) ->> 'settled', 'true', 'each its own'
);
update public.widgets set site_messages_per_minute = 1;
delete from private.rate_limits;
select tests.answered(tests.ask(pg_temp.visitor('v1')));
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v3') || '{"address": "198.51.100.1"}') $$, 429, 'rate_limit_exceeded', 'a site has one'
);

-- The budget.
delete from private.rate_limits;
update public.budgets set limit_usd = spent_usd + 0.000001 where agent_id is not null;
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 402, 'budget_exceeded', 'what the budget does not hold is refused'
);
update public.budgets set is_active = false where agent_id is not null;
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 503, 'widget_unavailable', 'without a budget nothing is answered'
);
update public.budgets set is_active = true, limit_usd = 100 where agent_id is not null;
update public.profiles set status = 'suspended' where id = tests.id('alice');
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 503, 'widget_unavailable', 'nor without an owner'
);

-- A person's own agent: the owner's keys, and the owner's organization.
create temporary table own as select * from tests.widget('20000000-0000-4000-8000-000000000002', 'carol', '["a.example"]');
select tests.visit(own.key, 'https://a.example', 'v9') from own;
select results_eq(
  $$ select route ->> 'credential', jsonb_path_query_array(route, '$.keys[*].id')
    from own, jsonb_array_elements(tests.ask(tests.visitor(own.key, 'https://a.example', 'v9')) -> 'routes') as route $$,
  $$ values ('shared', '["40000000-0000-4000-8000-000000000002"]'::jsonb) $$,
  'a person''s own agent spends that person''s key on what is priced'
);

update public.profiles set status = 'active' where id = tests.id('alice');
-- As where it is deleted between the first look at it and the turn.
do $$
begin
  execute regexp_replace(
    pg_get_functiondef('private.lock_budgets(uuid)'::regprocedure), '\nbegin\n',
    E'\nbegin\n  delete from public.budgets where agent_id is not null;\n'
  );
end
$$;
select tests.refused(
  $$ select tests.ask(pg_temp.visitor('v1')) $$, 503, 'widget_unavailable', 'nor when the budget is deleted while the turn begins'
);

update public.vendors set is_active = false where id = 'openai';
select throws_ok(
  $$ select tests.ask(pg_temp.visitor('v3')) $$, 'PT400', 'This model does not support chat.',
  'a visitor is not told what the agent lacks'
);

select * from finish();
rollback;
