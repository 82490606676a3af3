-- The current state of what 000105_errors.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.error_codes (
  code text not null,
  status integer not null,
  meaning text not null,
  remedy text not null,
  constraint error_codes_pkey PRIMARY KEY (code),
  constraint error_code_is_lower_case CHECK ((code ~ '^[a-z][a-z0-9_]{2,63}$'::text)),
  constraint error_meaning_is_a_sentence CHECK ((meaning ~ '^[A-Z].{1,150}\.$'::text)),
  constraint error_remedy_is_a_sentence CHECK ((remedy ~ '^[A-Z].{1,150}\.$'::text)),
  constraint error_status_is_400_to_599 CHECK (((status >= 400) AND (status <= 599)))
);
alter table private.error_codes enable row level security;
grant select on private.error_codes to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.refuse(code text, message text, hint text DEFAULT NULL::text, data jsonb DEFAULT NULL::jsonb)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  registered private.error_codes := (
    select codes from private.error_codes codes where codes.code = refuse.code
  );
begin
  if registered.code is null then
    raise exception 'Error code "%" is not in private.error_codes.', refuse.code
      using errcode = 'undefined_object';
  end if;
  raise exception using
    errcode = 'PT' || registered.status,
    -- A message may quote the caller's input.
    message = left(refuse.message, 1000),
    detail = refuse.code,
    hint = concat_ws(
      e'\n', regexp_replace(coalesce(refuse.hint, registered.remedy), '\s+', ' ', 'g'),
      refuse.data::text
    );
end
$body$;
grant execute on function private.refuse(text,text,text,jsonb) to anon, authenticated, service_role;
