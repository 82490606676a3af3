-- What the data dictionary tells, as one JSON document. Run with an empty search_path.
with relations as (
  select relations.oid, relations.relkind, relations.relname as name,
    pg_catalog.obj_description(relations.oid, 'pg_class') as comment
  from pg_catalog.pg_class relations
  where relations.relnamespace = 'public'::regnamespace
    and relations.relkind in ('r', 'p', 'v', 'm')
    -- Of a partitioned table the parent speaks for all.
    and not relations.relispartition
),
columns as (
  select columns.attrelid, columns.attnum, columns.attname as name,
    pg_catalog.format_type(columns.atttypid, columns.atttypmod) as type,
    not columns.attnotnull as optional,
    pg_catalog.pg_get_expr(defaults.adbin, defaults.adrelid) as default,
    pg_catalog.col_description(columns.attrelid, columns.attnum) as comment,
    coalesce(columns.attnum = any (keys.conkey), false) as "inKey"
  from pg_catalog.pg_attribute columns
  left join pg_catalog.pg_attrdef defaults
    on defaults.adrelid = columns.attrelid and defaults.adnum = columns.attnum
  left join pg_catalog.pg_constraint keys
    on keys.conrelid = columns.attrelid and keys.contype = 'p'
  where columns.attnum > 0 and not columns.attisdropped
)
select json_build_object(
  'relations', (
    select json_agg(
      json_build_object(
        'name', relations.name,
        'isView', relations.relkind in ('v', 'm'),
        'comment', relations.comment,
        'columns', (
          select json_agg(columns order by columns.attnum)
          from columns where columns.attrelid = relations.oid
        ),
        'references', (
          select coalesce(json_agg(json_build_object(
            'columns', (
              select json_agg(named.attname order by positions.place)
              from unnest(keys.conkey) with ordinality as positions (number, place)
              join pg_catalog.pg_attribute named
                on named.attrelid = keys.conrelid and named.attnum = positions.number
            ),
            'target', targets.relname,
            'targetSchema', targets.relnamespace::regnamespace::text,
            'isUnique', exists (
              select from pg_catalog.pg_index indexes
              where indexes.indrelid = keys.conrelid
                and indexes.indisunique
                and indexes.indpred is null
                and (indexes.indkey::smallint[])[0:indexes.indnkeyatts - 1] <@ keys.conkey
            )
          -- A key of one column says more of it than one that it is a part of.
          ) order by cardinality(keys.conkey), keys.conname collate "C"), '[]')
          from pg_catalog.pg_constraint keys
          join pg_catalog.pg_class targets on targets.oid = keys.confrelid
          where keys.conrelid = relations.oid and keys.contype = 'f'
        ),
        'rules', (
          select coalesce(json_agg(rules.name order by rules.name collate "C"), '[]')
          from (
            select checks.name from private.rules_of(relations.oid) checks
            union all
            select exclusions.conname::text
            from pg_catalog.pg_constraint exclusions
            where exclusions.conrelid = relations.oid and exclusions.contype = 'x'
          ) rules
        ),
        'policies', (
          select coalesce(json_agg(json_build_object(
            'name', policies.polname,
            'command', case policies.polcmd
              when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
              when 'd' then 'delete' else 'all'
            end
          ) order by position(policies.polcmd in 'rawd*'), policies.polname collate "C"), '[]')
          from pg_catalog.pg_policy policies
          where policies.polrelid = relations.oid
        )
      ) order by relations.name collate "C"
    )
    from relations
  ),
  'functions', (
    select coalesce(json_agg(json_build_object(
      'name', functions.proname,
      'arguments', pg_catalog.pg_get_function_arguments(functions.oid),
      'result', pg_catalog.pg_get_function_result(functions.oid),
      'comment', pg_catalog.obj_description(functions.oid, 'pg_proc'),
      'isTrigger', functions.prorettype = 'trigger'::regtype,
      'callers', (
        select coalesce(json_agg(roles.role order by roles.place), '[]')
        from unnest(array['anon', 'authenticated', 'service_role']) with ordinality
          as roles (role, place)
        where has_function_privilege(roles.role, functions.oid, 'execute')
      )
    ) order by functions.proname collate "C", functions.oid::regprocedure::text collate "C"), '[]')
    from pg_catalog.pg_proc functions
    where functions.pronamespace = 'public'::regnamespace
  ),
  'jobs', (
    select coalesce(json_agg(json_build_object(
      'name', jobs.name, 'schedule', jobs.schedule, 'timeout', jobs.timeout, 'description', jobs.description
    ) order by jobs.name collate "C"), '[]')
    from private.jobs
  )
) as description
