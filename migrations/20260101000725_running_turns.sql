-- Turns that run: begun, and not yet settled. A narrow row that settlement replaces by the
-- interaction, complete; until then a turn is in no figure, and what it may cost is reserved in
-- its budgets.

-- No foreign keys: the ids are of rows that begin_chat_turn() has just read, and rows that are
-- deleted since are left out at settlement.
create table private.running_turns (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  organization_id uuid not null,
  agent_id uuid,
  session_id uuid,
  model_id uuid,
  access_key_id uuid,
  is_visitors boolean not null default false,
  is_broadcast boolean not null default false,
  vendor_id text,
  service_id text,
  source text not null,
  title text not null,
  model_name text,
  request_id text,
  idempotency_key text,
  fingerprint text,
  prices jsonb not null default '[]',
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  units jsonb not null default '{}',
  execution jsonb,
  calls integer not null default 1,
  lease_expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint one_running_turn_per_session unique (session_id),
  constraint one_running_turn_per_request unique (request_id),
  constraint kind_of_a_running_turn_is_known check (source = any (private.turn_kinds())),
  constraint bounds_of_a_call_are_not_negative check (least(input_tokens, output_tokens) >= 0),
  constraint a_turn_reserves_one_call_at_least check (calls >= 1)
-- Every row is deleted within seconds: without frequent vacuums, reads would scan dead rows.
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table private.running_turns is
  'Turns that are not settled yet, with the data that settling needs. Rows that are deleted, '
  'retired or repriced while a turn runs do not change its cost.';
comment on column private.running_turns.id is 'The turn; its interaction has the same id.';
comment on column private.running_turns.user_id is 'The user by whose rights the turn runs.';
comment on column private.running_turns.organization_id is
  'The payer: its budgets, limits and keys apply to the turn.';
comment on column private.running_turns.agent_id is 'The agent that is asked.';
comment on column private.running_turns.session_id is
  'The conversation, by chat_sessions.id; it has one running turn at most.';
comment on column private.running_turns.model_id is 'The model that was asked for.';
comment on column private.running_turns.access_key_id is
  'The access key that the turn counts to; null for a user''s token.';
comment on column private.running_turns.is_visitors is
  'Whether it is a website visitor''s. user_id is then the person whose permissions apply, and '
  'neither the ledger nor a budget attributes it to that person.';
comment on column private.running_turns.is_broadcast is
  'Whether the paying organization had broadcasts of its turns enabled when it began.';
comment on column private.running_turns.vendor_id is 'The vendor of its first route.';
comment on column private.running_turns.service_id is 'The service of its first route.';
comment on column private.running_turns.source is
  'The kind of the turn, one of private.turn_kinds().';
comment on column private.running_turns.title is 'Title of its interaction.';
comment on column private.running_turns.model_name is 'The model of its first route.';
comment on column private.running_turns.request_id is
  'The x-request-id of the call, which ai_interactions.request_id keeps.';
comment on column private.running_turns.idempotency_key is
  'The Idempotency-Key of the call; free again once the turn is settled without success.';
comment on column private.running_turns.fingerprint is
  'SHA-256 of the body of the call, kept as stored_answers.fingerprint when the turn is settled.';
comment on column private.running_turns.prices is
  'The prices of its routes when it began, with their rates, every tier.';
comment on column private.running_turns.input_tokens is
  'Tokens of its prompt, as they were estimated.';
comment on column private.running_turns.output_tokens is 'Tokens that its answer may have.';
comment on column private.running_turns.units is
  'The most units other than tokens that it can use, as unit_costs() takes them.';
comment on column private.running_turns.execution is
  'The execution of a workflow that it is part of, as the request names it; null for none.';
comment on column private.running_turns.calls is
  'Calls that are reserved in its budgets: one, and one more for each call after one that may have '
  'been billed.';
comment on column private.running_turns.lease_expires_at is
  'A turn still running after this time is given up by sweep_chat_turns().';
comment on column private.running_turns.created_at is 'When the turn began.';
grant select, insert, update, delete on private.running_turns to service_role;
create unique index one_running_turn_per_idempotency_key
  on private.running_turns (user_id, idempotency_key)
  where idempotency_key is not null;
