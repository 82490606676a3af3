begin;
select plan(38);

select tests.act_as('eve');
select lives_ok(
  $$
    insert into public.ai_interactions (
      agent_id, title, description, interaction_type_id, external_link, external_id, external_metadata,
      content_preview, full_content, model_name, input_tokens, output_tokens, total_cost, tags, keywords,
      satisfaction_rating, usefulness_rating, feedback_notes, started_at, ended_at, status
    )
    select id, 'Mine', 'd', 'coding', 'https://example.com', 'x', '{}', 'p', 'c', 'm', 1, 2, 0.5, '{a}', '{b}', 5, 4,
      'f', now() - interval '5 minutes', now(), 'completed'
    from public.agents where name = 'droid'
  $$,
  'a person records an interaction with all there is to say'
);
select tests.denied(format('update public.ai_interactions set %s', change), change || ' is denied')
from unnest(array[
  'organization_id = null', 'user_id = null', 'agent_id = null', 'session_id = null', 'total_cost = 0',
  'input_tokens = 0', 'output_tokens = 0', 'cost_breakdown = null', 'provider_cost = 0', 'source = ''chat''',
  'turn_state = null', 'started_at = now()', 'ended_at = null', 'duration_minutes = 0, ended_at = started_at', 'request_id = null',
  'price_id = null', 'error_code = null'
]) as change;
select tests.denied(
  format(
    'insert into public.ai_interactions (agent_id, title, %s)
    values ((select agents.id from public.agents where agents.name = ''droid''), ''x'', default)',
    column_name
  ),
  column_name || ' is not given'
)
from unnest(array[
  'organization_id', 'session_id', 'model_id', 'vendor_id', 'service_id', 'price_id', 'source', 'turn_state',
  'request_id', 'cost_breakdown', 'provider_cost', 'cached_input_tokens', 'cache_write_tokens',
  'reasoning_tokens', 'usage_is_estimated', 'latency_ms', 'error_code',
  'created_at'
]) as column_name;

select tests.changes(
  $$
    update public.ai_interactions
    set title = 'Still mine', satisfaction_rating = 1, feedback_notes = 'changed my mind', status = 'deleted'
  $$,
  1, 'the person rates, describes and marks as deleted'
);
select tests.denied('delete from public.ai_interactions', 'but removes no row of the ledger');

select * from finish();
rollback;
