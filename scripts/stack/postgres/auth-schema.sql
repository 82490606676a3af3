-- Finishes schema auth after the Auth server's own tables: what the platform has in addition.

-- The platform's table has it; seeds written for the platform name it.
alter table auth.users add column if not exists instance_id uuid;

-- The tokens of links in e-mails. The local Auth server keeps them in auth.users.
create table if not exists auth.one_time_tokens (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  token_type text not null,
  token_hash text not null,
  relates_to text not null,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
alter table auth.one_time_tokens owner to supabase_auth_admin;

-- On the platform `postgres` owns nothing here, but may work with the rows, refer to them and put
-- triggers on them. API roles have no access at all.
grant select on all tables in schema auth to postgres with grant option;
grant insert, update, delete, truncate, references, trigger on all tables in schema auth to postgres;
