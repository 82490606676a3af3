-- Everything that migrations make, one line for each object and each thing that is said of it, in an
-- order that depends on names only. Run with an empty search_path. Columns have no position: one that
-- a later migration adds comes after those that an earlier one dropped.

with
schemas as (
  select nspname::text as name, oid, nspacl, nspowner from pg_catalog.pg_namespace
  where nspname !~ '^(pg_|information_schema$|supabase_migrations$|agentbase_import$)'
),
ours as (
  select * from schemas where name in ('public', 'private')
),
-- Rights without their order.
rights as (
  select 'schema' as kind, name as object, nspacl as acl from ours
  union all
  select 'relation', pg_class.oid::regclass::text, relacl from pg_catalog.pg_class
  join ours on ours.oid = relnamespace
  union all
  select 'column', attrelid::regclass || '.' || attname, attacl from pg_catalog.pg_attribute
  join pg_catalog.pg_class on pg_class.oid = attrelid
  join ours on ours.oid = relnamespace
  union all
  select 'function', pg_proc.oid::regprocedure::text, proacl from pg_catalog.pg_proc
  join ours on ours.oid = pronamespace
  union all
  select 'type', pg_type.oid::regtype::text, typacl from pg_catalog.pg_type
  join ours on ours.oid = typnamespace
  union all
  select 'default', format('%s %s %s', defaclrole::regrole, defaclobjtype, coalesce(name, '*')),
    defaclacl
  from pg_catalog.pg_default_acl left join schemas on schemas.oid = defaclnamespace
),
-- Ours, and what our migrations make in schemas of the platform.
policies as (
  select pg_policy.*, format('%s on %s', quote_ident(polname), polrelid::regclass) as name
  from pg_catalog.pg_policy
),
triggers as (
  select pg_trigger.*, format('%s on %s', quote_ident(tgname), tgrelid::regclass) as name
  from pg_catalog.pg_trigger where not tgisinternal
),
constraints as (
  select pg_constraint.*, format('%s on %s', quote_ident(conname), coalesce(
    nullif(conrelid, 0)::regclass::text, contypid::regtype::text
  )) as name
  from pg_catalog.pg_constraint join ours on ours.oid = connamespace
),
comments as (
  select description, case classoid
    when 'pg_catalog.pg_class'::regclass then
      objoid::regclass || coalesce('.' || (
        select attname from pg_catalog.pg_attribute
        where attrelid = objoid and attnum = objsubid and objsubid > 0
      ), '')
    when 'pg_catalog.pg_proc'::regclass then objoid::regprocedure::text
    when 'pg_catalog.pg_type'::regclass then objoid::regtype::text
    when 'pg_catalog.pg_namespace'::regclass then (select name from ours where oid = objoid)
    when 'pg_catalog.pg_policy'::regclass then (select name from policies where oid = objoid)
    when 'pg_catalog.pg_trigger'::regclass then (select name from triggers where oid = objoid)
    when 'pg_catalog.pg_constraint'::regclass then (select name from constraints where oid = objoid)
  end as object
  from pg_catalog.pg_description
),
lines (line) as (
  select format('right %s %s: %s to %s%s by %s', kind, object, privilege_type,
    coalesce(nullif(grantee, 0)::regrole::text, 'public'),
    case when is_grantable then ' with grant option' else '' end, grantor::regrole)
  from rights cross join lateral pg_catalog.aclexplode(acl)
  union all
  select format('comment %s: %s', object, description) from comments
  where object ~ '^"?(public|private)\M|on (public|private|auth|storage|realtime)\.'
  union all
  select format('relation %s %s %s of %s, rls %s %s, %s, %s', pg_class.oid::regclass, relkind,
    relpersistence, relowner::regrole, relrowsecurity, relforcerowsecurity,
    reloptions, pg_catalog.pg_get_expr(relpartbound, pg_class.oid))
  from pg_catalog.pg_class join ours on ours.oid = relnamespace
  union all
  select format('column %s.%s %s %s %s%s %s %s %s %s', attrelid::regclass, attname,
    pg_catalog.format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
    attcollation, attoptions, pg_catalog.pg_get_expr(adbin, adrelid))
  from pg_catalog.pg_attribute
  join pg_catalog.pg_class on pg_class.oid = attrelid
  join ours on ours.oid = relnamespace
  left join pg_catalog.pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm', 'c')
  union all
  select format('function %s of %s: %s', pg_proc.oid::regprocedure, proowner::regrole,
    pg_catalog.pg_get_functiondef(pg_proc.oid))
  from pg_catalog.pg_proc join ours on ours.oid = pronamespace
  where prokind in ('f', 'p')
    and not exists (select from pg_catalog.pg_depend where objid = pg_proc.oid and deptype = 'e')
  union all
  select format('view %s: %s', pg_class.oid::regclass, pg_catalog.pg_get_viewdef(pg_class.oid))
  from pg_catalog.pg_class join ours on ours.oid = relnamespace where relkind in ('v', 'm')
  union all
  select format('trigger %s %s', tgenabled, pg_catalog.pg_get_triggerdef(oid)) from triggers
  union all
  select format('constraint %s %s: %s', name, convalidated, pg_catalog.pg_get_constraintdef(oid))
  from constraints
  union all
  select format('index %s valid %s, clustered %s', pg_catalog.pg_get_indexdef(indexrelid),
    indisvalid, indisclustered)
  from pg_catalog.pg_index
  join pg_catalog.pg_class on pg_class.oid = indrelid
  join ours on ours.oid = relnamespace
  union all
  select format('policy %s %s %s to %s using (%s) with check (%s)', name, polcmd, polpermissive, (
      select string_agg(coalesce(nullif(role, 0)::regrole::text, 'public'), ', '
        order by role::regrole::text)
      from unnest(polroles) roles (role)
    ), pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid))
  from policies
  union all
  select format('type %s %s: %s', pg_type.oid::regtype, typtype, coalesce((
      select string_agg(enumlabel, ', ' order by enumsortorder) from pg_catalog.pg_enum
      where enumtypid = pg_type.oid
    ), pg_catalog.format_type(typbasetype, typtypmod)))
  from pg_catalog.pg_type join ours on ours.oid = typnamespace where typtype in ('e', 'd', 'r')
  union all
  select format('sequence %s of %s', seqrelid::regclass,
    (seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle))
  from pg_catalog.pg_sequence join pg_catalog.pg_class on pg_class.oid = seqrelid
  join ours on ours.oid = relnamespace
  union all
  select format('statistics %s', pg_catalog.pg_get_statisticsobjdef(pg_statistic_ext.oid))
  from pg_catalog.pg_statistic_ext join ours on ours.oid = stxnamespace
  union all
  select format('publication %s: %s %s where (%s)', pubname, prrelid::regclass, prattrs,
    pg_catalog.pg_get_expr(prqual, prrelid))
  from pg_catalog.pg_publication_rel join pg_catalog.pg_publication on pg_publication.oid = prpubid
  union all
  select format('publication %s %s %s %s %s %s %s', pubname, puballtables, pubinsert, pubupdate,
    pubdelete, pubtruncate, pubviaroot)
  from pg_catalog.pg_publication
  union all
  select format('event trigger %s %s %s %s', evtname, evtevent, evtenabled, evtfoid::regprocedure)
  from pg_catalog.pg_event_trigger
  union all
  select format('extension %s %s in %s', extname, extversion, extnamespace::regnamespace)
  from pg_catalog.pg_extension
  union all
  select format('role %s %s %s', rolname,
    (rolsuper, rolinherit, rolcanlogin, rolbypassrls, rolconnlimit), rolconfig)
  from pg_catalog.pg_roles where rolname !~ '^pg_'
  union all
  select format('member %s of %s', member::regrole, roleid::regrole)
  from pg_catalog.pg_auth_members
)
select line from lines order by line collate "C";
