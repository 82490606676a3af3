-- The current state of what 000725_running_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.running_turns (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  organization_id uuid not null,
  agent_id uuid,
  session_id uuid,
  model_id uuid,
  access_key_id uuid,
  is_visitors boolean default false not null,
  is_broadcast boolean default false not null,
  vendor_id text,
  service_id text,
  source text not null,
  title text not null,
  model_name text,
  request_id text,
  idempotency_key text,
  fingerprint text,
  prices jsonb default '[]'::jsonb not null,
  input_tokens bigint default 0 not null,
  output_tokens bigint default 0 not null,
  units jsonb default '{}'::jsonb not null,
  execution jsonb,
  calls integer default 1 not null,
  lease_expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint running_turns_pkey PRIMARY KEY (id),
  constraint one_running_turn_per_request UNIQUE (request_id),
  constraint one_running_turn_per_session UNIQUE (session_id),
  constraint a_turn_reserves_one_call_at_least CHECK ((calls >= 1)),
  constraint bounds_of_a_call_are_not_negative CHECK ((LEAST(input_tokens, output_tokens) >= 0)),
  constraint kind_of_a_running_turn_is_known CHECK ((source = ANY (private.turn_kinds())))
);
grant delete, insert, select, update on private.running_turns to service_role;
CREATE UNIQUE INDEX one_running_turn_per_idempotency_key ON private.running_turns USING btree (user_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE TRIGGER broadcast_new_turn AFTER INSERT ON private.running_turns FOR EACH ROW WHEN (new.is_broadcast) EXECUTE FUNCTION private.broadcast_turn();
CREATE TRIGGER broadcast_settled_turn AFTER DELETE ON private.running_turns FOR EACH ROW WHEN (old.is_broadcast) EXECUTE FUNCTION private.broadcast_turn();
CREATE TRIGGER record_turn_thought AFTER INSERT ON private.running_turns FOR EACH ROW WHEN ((new.execution IS NOT NULL)) EXECUTE FUNCTION private.record_turn_thought();
