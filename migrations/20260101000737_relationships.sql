-- Relationships of the ledger that have no foreign key, for the Data API: ?select=*,vendors(name).
-- Such a computed relationship is a function of a row, named as the table whose rows it returns.

create function private.add_relationship(
  source text, source_column text, target text, target_column text, meaning text
)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.add_relationship(text, text, text, text, text) is
  'Creates the relationship by which a row of the source has rows of the target: those whose '
  'column equals its own, one at most where that is id. Called by migrations.';

select private.add_relationship(source, source_column, target, target_column, meaning)
from (values
  ('ai_interactions', 'agent_id', 'agents', 'id',
    'The agent of an interaction; none once it is deleted.'),
  ('ai_interactions', 'model_id', 'models', 'id',
    'The model of an interaction; none once it is deleted.'),
  ('ai_interactions', 'vendor_id', 'vendors', 'id', 'The vendor of an interaction.'),
  ('ai_interactions', 'service_id', 'vendor_services', 'id', 'The service of an interaction.'),
  ('ai_interactions', 'price_id', 'service_prices', 'id', 'The price of an interaction.'),
  ('ai_interactions', 'interaction_type_id', 'interaction_types', 'id',
    'The kind of an interaction.'),
  -- Messages are stored before their interaction.
  ('ai_interactions', 'id', 'chat_messages', 'interaction_id', 'The messages of a turn.'),
  ('chat_messages', 'interaction_id', 'ai_interactions', 'id',
    'The interaction of the turn that a message belongs to; none while the turn runs.'),
  ('agents', 'id', 'ai_interactions', 'agent_id',
    'The interactions with an agent that the caller sees.'),
  ('agent_executions', 'agent_id', 'agents', 'id',
    'The agent of an attempt; none once it is deleted.'),
  ('agent_executions', 'vendor_id', 'vendors', 'id', 'The vendor of an attempt.'),
  ('agent_executions', 'service_id', 'vendor_services', 'id', 'The service of an attempt.'),
  ('agent_executions', 'price_id', 'service_prices', 'id', 'The price of an attempt.')
) as relationships (source, source_column, target, target_column, meaning);
