-- The current state of what 000550_agent_fields.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.agent_fields (
  group_name text not null,
  name text not null,
  type text not null,
  minimum numeric,
  maximum numeric,
  default_value jsonb,
  choices text[],
  stored_in text not null,
  path text[] not null,
  request_field text,
  read_by text not null,
  meaning text not null,
  place integer generated always as identity not null,
  constraint agent_fields_pkey PRIMARY KEY (group_name, name),
  constraint agent_field_meaning_is_a_sentence CHECK ((meaning ~ '^[A-Z].{1,150}\.$'::text)),
  constraint agent_field_name_is_lower_case CHECK ((name ~ '^[a-z][a-z0-9_]{1,62}$'::text)),
  constraint agent_field_reader_is_known CHECK ((read_by = ANY (ARRAY['gateway'::text, 'voice'::text, 'widget'::text, 'job'::text, 'runtime'::text]))),
  constraint agent_field_type_is_known CHECK ((type = ANY (ARRAY['text'::text, 'number'::text, 'integer'::text, 'boolean'::text, 'choice'::text, 'list'::text, 'object'::text, 'objects'::text, 'language'::text, 'timezone'::text, 'url'::text, 'color'::text, 'secret'::text])))
);
alter table private.agent_fields enable row level security;
grant select on private.agent_fields to service_role;
