-- The current state of what 001500_outbox.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.function_call_outbox (
  id uuid default gen_random_uuid() not null,
  path text not null,
  outcome text default 'waiting'::text not null,
  request_id bigint,
  status_code integer,
  error_message text,
  finished_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint function_call_outbox_pkey PRIMARY KEY (id),
  constraint function_call_is_finished_when_its_outcome_is_known CHECK (((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text])) = (finished_at IS NOT NULL))),
  constraint function_call_outcome_is_known CHECK ((outcome = ANY (ARRAY['waiting'::text, 'sent'::text, 'succeeded'::text, 'failed'::text]))),
  constraint function_call_path_is_a_path CHECK ((path ~ '^(/[a-z0-9-]+)+$'::text))
);
grant select on private.function_call_outbox to service_role;
CREATE INDEX function_call_outbox_created_at_idx ON private.function_call_outbox USING btree (created_at);
CREATE INDEX function_call_outbox_open_idx ON private.function_call_outbox USING btree (created_at) WHERE (finished_at IS NULL);
CREATE TRIGGER update_function_call_outbox_updated_at BEFORE UPDATE ON private.function_call_outbox FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.claim_function_calls()
returns TABLE(id uuid, path text, body jsonb)
language sql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.enqueue_function_call(path text, timeout interval DEFAULT '00:01:00'::interval)
returns uuid
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.finish_function_call(id uuid, status_code integer, error_message text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.reconcile_function_calls()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.vault_secret(name text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
