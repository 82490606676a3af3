-- Calls of functions by the database, through pg_net or the local stack.

-- Health: how the database calls an edge function by itself, and the whole
-- picture of how everything is doing.
--
-- pg_net sends what is in its queue after the transaction, once, and loses it in
-- a crash: so a call carries an id, whoever is called does what is due and
-- nothing twice, and what became of a call is looked up afterwards.

create table private.dispatches (
  id uuid primary key default gen_random_uuid(),
  path text not null,
  outcome text not null default 'waiting',
  request_id bigint,
  status_code integer,
  error_message text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dispatch_path_is_a_path check (path ~ '^(/[a-z0-9-]+)+$'),
  constraint dispatch_outcome_is_known
    check (outcome in ('waiting', 'sent', 'succeeded', 'failed')),
  constraint dispatch_is_finished_when_its_outcome_is_known
    check ((outcome in ('succeeded', 'failed')) = (finished_at is not null))
);
comment on table private.dispatches is
  'Calls of edge functions that the database made, and what became of them; kept for a week. No '
  'key is in it.';
comment on column private.dispatches.id is 'Primary key, sent along as run_id.';
comment on column private.dispatches.path is 'What was called, such as /health/probe.';
comment on column private.dispatches.outcome is
  'waiting (for a sender, where there is no pg_net), sent, succeeded or failed.';
comment on column private.dispatches.request_id is
  'Its number in pg_net''s queue; null where another sender took it.';
comment on column private.dispatches.status_code is 'HTTP status of the answer.';
comment on column private.dispatches.error_message is 'Why it failed, where there was no answer.';
comment on column private.dispatches.finished_at is 'When the answer came, or was given up.';
comment on column private.dispatches.created_at is 'When the call was made.';
comment on column private.dispatches.updated_at is 'Last change.';

grant select on private.dispatches to service_role;
create index dispatches_created_at_idx on private.dispatches (created_at);
create index dispatches_open_idx on private.dispatches (created_at) where finished_at is null;
create trigger update_dispatches_updated_at before update on private.dispatches
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
    -- The name is put together here, for a lint would miss the extension where it is not installed.
    execute format(
      'select decrypted_secret from %I.decrypted_secrets where name = $1', 'vault'
    ) into secret using vault_secret.name;
  end if;
  -- Without it a call would go out with an empty key, and nobody would know why it is refused.
  if coalesce(secret, '') = '' then
    perform private.refuse(
      'dispatch_not_configured', format('Vault has no secret "%s".', vault_secret.name),
      format('Run select vault.create_secret(''…'', ''%s'').', vault_secret.name)
    );
  end if;
  return secret;
end
$$;
comment on function private.vault_secret(text) is
  'A secret of Vault by its name. Errors: PT503 dispatch_not_configured where there is none. '
  'Granted to nobody: the owner''s jobs use it.';

create function private.dispatch(path text, timeout interval default '60 seconds')
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  run_id uuid := gen_random_uuid();
  request_id bigint;
begin
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    insert into private.dispatches (id, path) values (run_id, dispatch.path);
    perform pg_notify('dispatches', run_id::text);
    return run_id;
  end if;
  execute format(
    'select %I.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)', 'net'
  )
  into request_id
  using
    rtrim(private.vault_secret('project_url'), '/') || '/functions/v1' || dispatch.path,
    jsonb_build_object('run_id', run_id, 'scheduled_at', now()),
    jsonb_build_object(
      'Content-Type', 'application/json', 'apikey', private.vault_secret('cron_secret_key')
    ),
    (extract(epoch from dispatch.timeout) * 1000)::integer;
  insert into private.dispatches (id, path, outcome, request_id)
  values (run_id, dispatch.path, 'sent', request_id);
  return run_id;
end
$$;
comment on function private.dispatch(text, interval) is
  'Calls an edge function by POST, with the secret key named cron, and returns the id of the '
  'call. By pg_net, with project_url and cron_secret_key from Vault; where there is no pg_net '
  'the call waits for a sender that listens to "dispatches". Granted to nobody. Errors: PT503 '
  'dispatch_not_configured.';

create function private.reconcile_dispatches()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  failed integer;
begin
  if to_regclass('net._http_response') is not null then
    -- After a crash pg_net counts from the beginning: an answer is never older than its call.
    execute format($query$
      update private.dispatches
      set outcome = case when not coalesce(answers.timed_out, false)
      and answers.status_code between 200 and 299
            then 'succeeded' else 'failed' end,
          status_code = answers.status_code,
          error_message = case when coalesce(answers.timed_out, false) then 'No answer in time.'
            else private.without_secrets(answers.error_msg) end,
          finished_at = answers.created
      from %I._http_response answers
      where dispatches.outcome = 'sent'
        and answers.id = dispatches.request_id
        and answers.created >= dispatches.created_at
    $query$, 'net');
  end if;
  update private.dispatches
  set outcome = 'failed', finished_at = now(),
      error_message = case dispatches.outcome
        when 'waiting' then 'Nobody sent it.'
        else 'Its answer was lost.'
      end
  where dispatches.finished_at is null and dispatches.created_at < now() - interval '5 minutes';
  select count(*) into failed
  from private.dispatches
  where dispatches.outcome = 'failed' and dispatches.finished_at > now() - interval '1 minute';
  delete from private.dispatches where dispatches.created_at < now() - interval '7 days';
  return failed;
end
$$;
comment on function private.reconcile_dispatches() is
  'Writes down what became of calls, from pg_net''s answers; a call without one is given up '
  'after five minutes. Returns how many failed in the last minute.';

-- Where there is no pg_net

create function private.take_dispatches()
returns table (id uuid, path text, body jsonb)
language sql
set search_path = ''
as $$
  update private.dispatches
  set outcome = 'sent'
  where dispatches.id in (
    select waiting.id from private.dispatches waiting
    where waiting.finished_at is null and waiting.outcome = 'waiting'
    order by waiting.created_at
    limit 10
    for no key update skip locked
  )
  returning
    dispatches.id,
    dispatches.path,
    jsonb_build_object('run_id', dispatches.id, 'scheduled_at', dispatches.created_at)
$$;
comment on function private.take_dispatches() is
  'The calls that wait for a sender, which are then the caller''s to send.';

create function private.finish_dispatch(id uuid, status_code integer, error_message text)
returns void
language sql
set search_path = ''
as $$
  update private.dispatches
  set outcome = case
    when finish_dispatch.status_code between 200 and 299 then 'succeeded'
    else 'failed'
  end,
      status_code = finish_dispatch.status_code,
      error_message = private.without_secrets(finish_dispatch.error_message),
      finished_at = now()
  where dispatches.id = finish_dispatch.id and dispatches.finished_at is null
$$;
comment on function private.finish_dispatch(uuid, integer, text) is
  'Writes down what became of a call that somebody sent.';
