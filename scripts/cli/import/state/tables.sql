-- The state of imports: progress, rows that could not be imported, and rows that existed before. In
-- a schema of its own, which no role of the API may use.

-- Before the migrations, some tables that the functions name do not exist.
select set_config('check_function_bodies', 'off', true);

create schema if not exists agentbase_import;
comment on schema agentbase_import is
  'State of npm run import: progress, quarantine, and what is needed to revert it.';

create table if not exists agentbase_import.runs (
  source text primary key,
  state text not null default 'applying'
    constraint run_state_is_known
    check (state in ('applying', 'applied', 'reverting')),
  options jsonb not null,
  is_cut_over boolean not null default false,
  started_at timestamptz not null default now(),
  applied_at timestamptz
);
comment on table agentbase_import.runs is 'One row per source: what is imported from it, and how.';
comment on column agentbase_import.runs.options is
  'The mapping and the time zone that it was imported with: what later commands use unless they name '
  'others.';

create table if not exists agentbase_import.chunks (
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  number integer not null,
  first bigint not null,
  last bigint not null,
  sequence_base bigint,
  state text not null default 'pending'
    constraint chunk_state_is_known check (state in ('pending', 'done', 'reverted')),
  rows_in bigint,
  rows_out bigint,
  rows_bad bigint,
  milliseconds integer,
  ended_at timestamptz,
  primary key (source, mapping, number)
);
comment on table agentbase_import.chunks is
  'Ranges of rows, each of which is imported in one transaction.';

create table if not exists agentbase_import.quarantine (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  n bigint not null,
  key jsonb not null,
  row jsonb not null,
  reason text not null,
  sqlstate text,
  is_imported boolean not null default false,
  corrected_row jsonb,
  created_at timestamptz not null default now()
);
comment on table agentbase_import.quarantine is
  'Rows that could not be imported, with the reason; is_imported where only a part was left out. '
  'Change the row in its table, or set corrected_row to the whole row as it should be, and run '
  '--retry.';
comment on column agentbase_import.quarantine.source is 'The schema that the row was read from.';
comment on column agentbase_import.quarantine.mapping is
  'The table of the source, as its design names it.';
comment on column agentbase_import.quarantine.n is
  'The number of the row in the order of the import; 0 where a trigger of --follow could not write it.';
comment on column agentbase_import.quarantine.key is 'Its key in the source.';
comment on column agentbase_import.quarantine.row is
  'The row as the source had it; secrets in it read "[redacted]".';
comment on column agentbase_import.quarantine.reason is
  'Why it was refused, or what was left out of it.';
comment on column agentbase_import.quarantine.sqlstate is
  'The error code where Postgres refused it.';
comment on column agentbase_import.quarantine.is_imported is
  'Whether it was imported without what the reason names, or corrected.';
comment on column agentbase_import.quarantine.corrected_row is
  'The whole row as an operator wants it imported; values that read "[redacted]" are those of the row '
  'in its table.';
create index if not exists quarantine_place_idx
  on agentbase_import.quarantine (source, mapping, n);

create table if not exists agentbase_import.present (
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  key jsonb not null,
  before jsonb,
  is_followed boolean not null default false,
  primary key (source, mapping, key)
);
comment on table agentbase_import.present is
  'Rows of Agentbase that existed before the import: --revert does not delete them, and changes '
  'those that were updated back to "before". Where is_followed, a trigger wrote the row.';

create table if not exists agentbase_import.changes (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  mapping text not null,
  row jsonb not null
);
comment on table agentbase_import.changes is
  'Rows that the old application wrote while chunks were imported; they are written afterwards.';

create table if not exists agentbase_import.message_counts (
  source text not null,
  session_id uuid not null,
  messages bigint not null,
  latest timestamptz
);
comment on table agentbase_import.message_counts is
  'Messages of sessions that were written or, where negative, removed, and that their sessions do '
  'not count yet: each session is updated once, and not with every chunk.';
create index if not exists message_counts_session_idx
  on agentbase_import.message_counts (source, session_id);

create table if not exists agentbase_import.replaced (
  id bigint primary key generated always as identity,
  source text not null references agentbase_import.runs (source) on delete cascade,
  relation text not null,
  row jsonb not null
);
comment on table agentbase_import.replaced is
  'Rows of the migrations and of accounts that the source has with other ids: removed, and '
  'restored by --revert.';

create table if not exists agentbase_import.sealed_keys (
  source text not null references agentbase_import.runs (source) on delete cascade,
  key_id uuid not null,
  primary key (source, key_id)
);
comment on table agentbase_import.sealed_keys is
  'Vendor keys that the source has in plain text and that were stored encrypted.';

create table if not exists agentbase_import.adoption (
  is_only boolean primary key default true check (is_only),
  schema text not null,
  moved jsonb not null,
  objects jsonb not null,
  changed_keys jsonb not null default '[]',
  migrated_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table agentbase_import.adoption is
  'What was moved out of the way of the migrations, and what schema public had before them.';
