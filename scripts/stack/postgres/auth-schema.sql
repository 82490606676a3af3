-- Finishes schema auth after the Auth server's own tables: what the platform has in addition.

-- The platform's table has it; seeds written for the platform name it.
alter table auth.users add column if not exists instance_id uuid;

-- On the platform `postgres` owns nothing here, but may work with the rows, refer to them and put
-- triggers on them. API roles have no access at all.
grant select on all tables in schema auth to postgres with grant option;
grant insert, update, delete, truncate, references, trigger on all tables in schema auth to postgres;
