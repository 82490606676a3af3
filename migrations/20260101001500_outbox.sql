-- The outbox: calls of edge functions by the database, through pg_net or the local stack.
--
-- pg_net sends its queue once, after the transaction, and loses it in a crash. So each call has an
-- id, receivers are idempotent and do whatever is due, and the result of each call is recorded
-- here.

create table private.function_call_outbox (
  id uuid primary key default gen_random_uuid(),
  path text not null,
  outcome text not null default 'waiting',
  request_id bigint,
  status_code integer,
  error_message text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint function_call_path_is_a_path check (path ~ '^(/[a-z0-9-]+)+$'),
  constraint function_call_outcome_is_known
    check (outcome in ('waiting', 'sent', 'succeeded', 'failed')),
  constraint function_call_is_finished_when_its_outcome_is_known
    check ((outcome in ('succeeded', 'failed')) = (finished_at is not null))
);
comment on table private.function_call_outbox is
  'Calls of edge functions by the database, and their outcomes; kept for a week. Contains no keys.';
comment on column private.function_call_outbox.id is 'Primary key, sent along as run_id.';
comment on column private.function_call_outbox.path is 'What was called, such as /health/probe.';
comment on column private.function_call_outbox.outcome is
  'waiting (for a sender, where there is no pg_net), sent, succeeded or failed.';
comment on column private.function_call_outbox.request_id is
  'Its number in pg_net''s queue; null where another sender took it.';
comment on column private.function_call_outbox.status_code is
  'HTTP status of the edge function''s answer; null before.';
comment on column private.function_call_outbox.error_message is
  'Why it failed, where there was no answer.';
comment on column private.function_call_outbox.finished_at is
  'When the answer came, or was given up.';
comment on column private.function_call_outbox.created_at is
  'When the database asked for the call.';
comment on column private.function_call_outbox.updated_at is
  'When the function call outbox was last changed.';

grant select on private.function_call_outbox to service_role;
create index function_call_outbox_created_at_idx on private.function_call_outbox (created_at);
create index function_call_outbox_open_idx
  on private.function_call_outbox (created_at)
  where finished_at is null;
create trigger update_function_call_outbox_updated_at before update on private.function_call_outbox
  for each row execute function public.update_updated_at_column();

create function private.vault_secret(name text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  secret text;
begin
  if to_regclass('vault.decrypted_secrets') is not null then
    -- The name is concatenated, as linters report a missing extension otherwise.
    execute format(
      'select decrypted_secret from %I.decrypted_secrets where name = $1', 'vault'
    ) into secret using vault_secret.name;
  end if;
  -- Without the secret, a call would be sent with an empty key, and its refusal would be unclear.
  if coalesce(secret, '') = '' then
    perform private.refuse(
      'function_calls_not_configured', format('Vault has no secret "%s".', vault_secret.name),
      format('Run select vault.create_secret(''…'', ''%s'').', vault_secret.name)
    );
  end if;
  return secret;
end
$$;
comment on function private.vault_secret(text) is
  'A secret of Vault by its name. Errors: PT503 function_calls_not_configured where there is none. '
  'Not granted: the owner''s jobs use it.';

create function private.enqueue_function_call(path text, timeout interval default '60 seconds')
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  run_id uuid := gen_random_uuid();
  request_id bigint;
begin
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    insert into private.function_call_outbox (id, path) values (run_id, enqueue_function_call.path);
    perform pg_notify('function_calls', run_id::text);
    return run_id;
  end if;
  execute format(
    'select %I.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)', 'net'
  )
  into request_id
  using
    rtrim(
      private.vault_secret('project_url'), '/'
    ) || '/functions/v1' || enqueue_function_call.path,
    jsonb_build_object('run_id', run_id, 'scheduled_at', now()),
    jsonb_build_object(
      'Content-Type', 'application/json', 'apikey', private.vault_secret('cron_secret_key')
    ),
    (extract(epoch from enqueue_function_call.timeout) * 1000)::integer;
  insert into private.function_call_outbox (id, path, outcome, request_id)
  values (run_id, enqueue_function_call.path, 'sent', request_id);
  return run_id;
end
$$;
comment on function private.enqueue_function_call(text, interval) is
  'Calls an edge function by POST, with the secret key named cron, and returns the id of the '
  'call. By pg_net, with project_url and cron_secret_key from Vault; where there is no pg_net '
  'the call waits for a sender that listens to "function_calls". Not granted to any role. '
  'Errors: PT503 function_calls_not_configured.';

create function private.reconcile_function_calls()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  failed integer;
begin
  if to_regclass('net._http_response') is not null then
    -- After a crash, pg_net restarts its ids: an answer that is older than its call belongs to
    -- another one.
    execute format($query$
      update private.function_call_outbox
      set outcome = case when not coalesce(answers.timed_out, false)
      and answers.status_code between 200 and 299
            then 'succeeded' else 'failed' end,
          status_code = answers.status_code,
          error_message = case when coalesce(answers.timed_out, false) then 'No answer in time.'
            else private.without_secrets(answers.error_msg) end,
          finished_at = answers.created
      from %I._http_response answers
      where function_call_outbox.outcome = 'sent'
        and answers.id = function_call_outbox.request_id
        and answers.created >= function_call_outbox.created_at
    $query$, 'net');
  end if;
  update private.function_call_outbox
  set outcome = 'failed', finished_at = now(),
      error_message = case function_call_outbox.outcome
        when 'waiting' then 'It was not sent.'
        else 'Its answer was lost.'
      end
  where function_call_outbox.finished_at is null
    and function_call_outbox.created_at < now() - interval '5 minutes';
  select count(*) into failed
  from private.function_call_outbox
  where function_call_outbox.outcome = 'failed'
    and function_call_outbox.finished_at > now() - interval '1 minute';
  delete from private.function_call_outbox
  where function_call_outbox.created_at < now() - interval '7 days';
  return failed;
end
$$;
comment on function private.reconcile_function_calls() is
  'Records the outcomes of calls, from pg_net''s answers; a call without one is given up after '
  'five minutes. Returns how many failed in the last minute.';

-- Where there is no pg_net

create function private.claim_function_calls()
returns table (id uuid, path text, body jsonb)
language sql
set search_path = ''
as $$
  update private.function_call_outbox
  set outcome = 'sent'
  where function_call_outbox.id in (
    select waiting.id from private.function_call_outbox waiting
    where waiting.finished_at is null and waiting.outcome = 'waiting'
    order by waiting.created_at
    limit 10
    for no key update skip locked
  )
  returning
    function_call_outbox.id,
    function_call_outbox.path,
    jsonb_build_object(
      'run_id', function_call_outbox.id, 'scheduled_at', function_call_outbox.created_at
    )
$$;
comment on function private.claim_function_calls() is
  'Claims the calls that wait for a sender, for the caller to send.';

create function private.finish_function_call(id uuid, status_code integer, error_message text)
returns void
language sql
set search_path = ''
as $$
  update private.function_call_outbox
  set outcome = case
    when finish_function_call.status_code between 200 and 299 then 'succeeded'
    else 'failed'
  end,
      status_code = finish_function_call.status_code,
      error_message = private.without_secrets(finish_function_call.error_message),
      finished_at = now()
  where function_call_outbox.id = finish_function_call.id
    and function_call_outbox.finished_at is null
$$;
comment on function private.finish_function_call(uuid, integer, text) is
  'Records the outcome of a call that another sender made.';
