-- The current state of what 001443_audited_tables.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.audited_tables (
  table_name text not null,
  owner text not null,
  recorded text[] not null,
  size_only text[] default '{}'::text[] not null,
  aliases text[] default '{}'::text[] not null,
  only_changes boolean default false not null,
  created_at timestamp with time zone default now() not null,
  constraint audited_tables_pkey PRIMARY KEY (table_name),
  constraint audited_owner_is_known CHECK ((owner = ANY (ARRAY['platform'::text, 'organization'::text, 'organization_id'::text, 'agent'::text, 'agent_id'::text, 'user_id'::text, 'created_by'::text, 'endpoint_id'::text, 'widget_id'::text])))
);
grant select on private.audited_tables to service_role;
