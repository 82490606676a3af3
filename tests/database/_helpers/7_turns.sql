-- Turns, whether they run or are settled.

create view tests.turns as
select
  id, user_id, organization_id, agent_id, session_id, model_id, access_key_id, vendor_id, service_id, source, title,
  model_name, request_id, created_at as started_at, lease_expires_at, 'running' as turn_state, null::text as error_code,
  null::text as status, null::numeric as total_cost, 0::bigint as input_tokens, 0::bigint as output_tokens,
  false as usage_is_estimated
from private.running_turns
union all
select
  id, user_id, organization_id, agent_id, session_id, model_id, access_key_id, vendor_id, service_id, source, title,
  model_name, request_id, started_at, null, turn_state, error_code, status, total_cost, input_tokens, output_tokens,
  usage_is_estimated
from public.ai_interactions
where source <> 'manual';
comment on view tests.turns is 'Turns that run, as turn_state says, and those that the ledger has.';
