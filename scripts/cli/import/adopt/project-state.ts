import type { Sql } from "postgres";

/** The state of a project before our migrations. */
export interface ProjectState {
  relations: string[];
  functions: string[];
  types: string[];
  /** The statements that restore default privileges, which the migrations revoke. */
  defaults: string[];
  hasHistory: boolean;
  hasFunctionsRole: boolean;
  hasGist: boolean;
  /** Whether only the owner could call new functions. */
  hasClosedFunctions: boolean;
  schemas: string[];
  /** Whether the old application reads views in the schema to which tables are moved. */
  wasPrepared?: boolean;
}

/** Reads the state of a project, so that objects added later can be told apart. */
export async function readProjectState(sql: Sql): Promise<ProjectState> {
  const [state] = await sql<ProjectState[]>`
    select
      (
        select coalesce(json_agg(oid::text), '[]') from pg_class
        where relnamespace = 'public'::regnamespace
      ) as relations,
      (
        select coalesce(json_agg(oid::text), '[]') from pg_proc
        where pronamespace = 'public'::regnamespace
      ) as functions,
      (
        select coalesce(json_agg(oid::text), '[]') from pg_type
        where typnamespace = 'public'::regnamespace
      ) as types,
      to_regclass('supabase_migrations.schema_migrations') is not null as "hasHistory",
      to_regrole('agentbase_functions') is not null as "hasFunctionsRole",
      exists (select from pg_extension where extname = 'btree_gist') as "hasGist",
      exists (
        select from pg_default_acl
        where pg_get_userbyid(defaclrole) = current_user and defaclnamespace = 0
          and defaclobjtype = 'f'
      ) as "hasClosedFunctions",
      (select json_agg(nspname) from pg_namespace) as schemas,
      (
        select coalesce(json_agg(format(
          'alter default privileges for role %I%s grant %s on %s to %s',
          pg_get_userbyid(defaults.defaclrole),
          case when defaults.defaclnamespace = 0 then '' else format(
            ' in schema %I', (select nspname from pg_namespace where oid = defaults.defaclnamespace)
          ) end,
          granted.privilege_type,
          case defaults.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
            when 'f' then 'functions' when 'T' then 'types' else 'schemas' end,
          case when granted.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(granted.grantee)) end
        )), '[]')
        from pg_default_acl defaults cross join lateral aclexplode(defaults.defaclacl) granted
        where pg_get_userbyid(defaults.defaclrole) = current_user
          and granted.grantee <> defaults.defaclrole
      ) as defaults`;
  if (state === undefined) throw new Error("The database did not describe itself");
  return state;
}
