-- The current state of what 000737_relationships.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.add_relationship(source text, source_column text, target text, target_column text, meaning text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  relationship regprocedure;
begin
  -- The argument is named for the source: generated types tell relationships to a target by it.
  execute format(
    'create function public.%1$I(%2$I public.%2$I) returns setof public.%1$I '
    'language sql stable set search_path = '''' as $body$'
    '  select related.* from public.%1$I related where related.%3$I = %1$I.%2$I.%4$I '
    '$body$',
    add_relationship.target, add_relationship.source,
    add_relationship.target_column, add_relationship.source_column
  );
  relationship :=
    format('public.%I(public.%I)', add_relationship.target, add_relationship.source)::regprocedure;
  if add_relationship.target_column = 'id' then
    execute format('alter function %s rows 1', relationship);
  end if;
  execute format('comment on function %s is %L', relationship, add_relationship.meaning);
  execute format('grant execute on function %s to authenticated, service_role', relationship);
end
$body$;
