begin;
select plan(3);

select set_eq(
  $$
    select tgname::text collate "default" from pg_trigger
    join pg_proc on pg_proc.oid = tgfoid
    where tgrelid = 'auth.users'::regclass and not tgisinternal and pronamespace = 'private'::regnamespace
  $$,
  'select private.auth_triggers()', 'a trigger on auth.users that is not in the list would be lost by a restore'
);
select is_empty(
  $$
    select tgrelid::regclass, tgname from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_proc on pg_proc.oid = tgfoid
    where not tgisinternal
      and pg_class.relnamespace not in ('public'::regnamespace, 'private'::regnamespace, 'partitions'::regnamespace)
      and pg_proc.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and tgrelid <> 'auth.users'::regclass
  $$,
  'there are none on other tables of the platform'
);

select private.create_auth_triggers();
select set_eq(
  $$
    select tgname::text collate "default" from pg_trigger
    where tgrelid = 'auth.users'::regclass and xmin = pg_current_xact_id()::xid
  $$,
  'select private.auth_triggers()', 'each of the list is made, and can be made again'
);

select * from finish();
rollback;
