-- The current state of what 001205_thoughts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agent_thoughts (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  execution_id uuid,
  node_id text not null,
  node_type text not null,
  content text not null,
  metadata jsonb default '{}'::jsonb not null,
  parent_node_id text,
  confidence_score numeric(3,2),
  processing_time_ms integer,
  request_id text,
  created_at timestamp with time zone default now() not null,
  constraint agent_thoughts_pkey PRIMARY KEY (id),
  constraint node_is_recorded_once_per_execution UNIQUE (execution_id, node_id),
  constraint agent_thoughts_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint agent_thoughts_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES public.workflow_executions(id) ON DELETE CASCADE,
  constraint confidence_is_between_0_and_1 CHECK (((confidence_score >= (0)::numeric) AND (confidence_score <= (1)::numeric))),
  constraint node_id_has_no_control_characters CHECK (private.is_plain(node_id)),
  constraint node_id_is_1_to_100_characters CHECK (((char_length(node_id) >= 1) AND (char_length(node_id) <= 100))),
  constraint node_type_is_known CHECK ((node_type = ANY (ARRAY['input'::text, 'processing'::text, 'action'::text, 'output'::text]))),
  constraint parent_node_id_has_no_control_characters CHECK (private.is_plain(parent_node_id)),
  constraint parent_node_id_is_1_to_100_characters CHECK (((char_length(parent_node_id) >= 1) AND (char_length(parent_node_id) <= 100))),
  constraint processing_time_is_not_negative CHECK ((processing_time_ms >= 0)),
  constraint thought_content_is_at_most_1_mib CHECK (private.is_content(content)),
  constraint thought_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint thought_request_id_is_a_label CHECK (private.is_label(request_id))
);
alter table public.agent_thoughts enable row level security;
create policy "People read the thoughts of agents that they see" on public.agent_thoughts
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = agent_thoughts.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent delete its thoughts" on public.agent_thoughts
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_thoughts.agent_id))));
create policy "Those who edit an agent record its thoughts" on public.agent_thoughts
  as permissive for insert to authenticated
  with check (((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_thoughts.agent_id))) AND ((execution_id IS NULL) OR (EXISTS ( SELECT
   FROM ((public.workflow_executions
     JOIN public.workflows ON ((workflows.id = workflow_executions.workflow_id)))
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflow_executions.id = agent_thoughts.execution_id))))));
grant delete, insert (agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score, processing_time_ms, request_id), select on public.agent_thoughts to authenticated;
grant delete, insert, select, update on public.agent_thoughts to service_role;
CREATE INDEX idx_agent_thoughts_agent_id ON public.agent_thoughts USING btree (agent_id, created_at);
CREATE INDEX idx_agent_thoughts_created_at ON public.agent_thoughts USING btree (created_at);
CREATE INDEX idx_agent_thoughts_execution_id ON public.agent_thoughts USING btree (execution_id, parent_node_id) WHERE (parent_node_id IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, metadata, created_at ON public.agent_thoughts FOR EACH ROW WHEN ((num_nulls(new.id, NULLIF(new.metadata, 'null'::jsonb), new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER broadcast_thoughts AFTER INSERT ON public.agent_thoughts REFERENCING NEW TABLE AS recorded FOR EACH STATEMENT EXECUTE FUNCTION private.broadcast_thoughts();
CREATE TRIGGER check_thought_tree AFTER INSERT OR UPDATE OF execution_id, node_id, parent_node_id ON public.agent_thoughts FOR EACH ROW WHEN (((new.execution_id IS NOT NULL) OR (new.parent_node_id = new.node_id))) EXECUTE FUNCTION private.check_thought_tree();
CREATE TRIGGER redact_thought BEFORE INSERT OR UPDATE OF content, metadata ON public.agent_thoughts FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['authenticated'::name, 'service_role'::name]))) EXECUTE FUNCTION private.redact_thought();
CREATE TRIGGER replace_turn_thought AFTER INSERT ON public.agent_thoughts FOR EACH ROW WHEN (((new.request_id IS NOT NULL) AND (new.execution_id IS NOT NULL))) EXECUTE FUNCTION private.replace_turn_thought();

-- Functions --------------------------------------------------------------------------------------

create function private.check_thought_tree()
returns trigger
language plpgsql volatile security definer
set enable_seqscan=off
set jit=off
set search_path=""
as $body$
declare
  most integer := (private.limits()).thought_tree_levels;
  level integer := 1;
  above text := new.parent_node_id;
begin
  -- Serializes requests, two of which could each record half of a cycle.
  perform from public.workflow_executions executions
  where executions.id = new.execution_id
  for no key update;
  while above is not null loop
    if above = new.node_id then
      perform private.refuse(
        'thought_cycle',
        format('The node "%s" would be among its own ancestors.', private.name_to_quote(above))
      );
    end if;
    level = level + 1;
    exit when level > most;
    above = (
      select thoughts.parent_node_id
      from public.agent_thoughts thoughts
      where thoughts.execution_id = new.execution_id and thoughts.node_id = above
    );
  end loop;
  if level + private.thought_levels_below(new, most) > most then
    perform private.refuse(
      'thoughts_too_deep',
      format('The thoughts of an execution form a tree of at most %s levels.', most)
    );
  end if;
  return null;
end
$body$;

create function private.redact_thought()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.content := private.redact_text(new.content);
  new.metadata := private.redact_secrets(new.metadata);
  return new;
end
$body$;

create function private.thought_levels_below(thought public.agent_thoughts, most integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  level integer := 0;
  nodes text[] := array[(thought_levels_below.thought).node_id];
begin
  loop
    nodes = array(
      select children.node_id
      from unnest(nodes) as parents (node_id)
      cross join lateral (
        select thoughts.node_id
        from public.agent_thoughts thoughts
        where thoughts.execution_id = (thought_levels_below.thought).execution_id
          and thoughts.parent_node_id = parents.node_id
          -- Makes the partial index of children usable, also with the statistics of an empty table.
          and thoughts.parent_node_id is not null
        offset 0
      ) children
    );
    exit when cardinality(nodes) = 0 or level > thought_levels_below.most;
    level = level + 1;
  end loop;
  return level;
end
$body$;

create function private.thought_nodes(execution_id uuid, most integer)
returns TABLE(thought_id uuid, node_id text, level integer, place bigint, is_orphan boolean)
language sql stable security invoker
set search_path=""
as $body$
  with recursive numbered as materialized (
    select
      thoughts.id, thoughts.node_id, thoughts.parent_node_id,
      row_number() over (order by thoughts.created_at, thoughts.node_id)::integer as number
    from public.agent_thoughts thoughts
    where thoughts.execution_id = thought_nodes.execution_id
    order by thoughts.created_at, thoughts.node_id
    limit thought_nodes.most
  ),
  tree as (
    select numbered.id, numbered.node_id, array[numbered.number] as path, parent_node_id
    from numbered
    where numbered.parent_node_id is null
      or not exists (
        select from numbered parent where parent.node_id = numbered.parent_node_id
      )
    union all
    select child.id, child.node_id, tree.path || child.number, child.parent_node_id
    from tree
    join numbered child on child.parent_node_id = tree.node_id
  )
  select
    tree.id, tree.node_id, cardinality(tree.path), row_number() over (order by tree.path),
    cardinality(tree.path) = 1 and tree.parent_node_id is not null
  from tree
$body$;
grant execute on function private.thought_nodes(uuid,integer) to authenticated, service_role;

create function private.turn_of_thought(request_id text)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'interaction_id', turns.id, 'vendor_id', turns.vendor_id, 'model_name', turns.model_name,
      'input_tokens', turns.input_tokens, 'output_tokens', turns.output_tokens,
      'total_cost', turns.total_cost::text, 'latency_ms', turns.latency_ms,
      'turn_state', turns.turn_state
    )
    from public.ai_interactions turns
    where turns.request_id = turn_of_thought.request_id
  );
end
$body$;
grant execute on function private.turn_of_thought(text) to authenticated, service_role;

create function public.agent_thought_tree(execution uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  found_status text := (
    select executions.status from public.workflow_executions executions
    where executions.id = agent_thought_tree.execution
  );
begin
  if found_status is null then
    perform private.refuse(
      'execution_not_found', 'Execution not found, or you may not read it.'
    );
  end if;
  return (
    select jsonb_build_object(
      'execution_id', agent_thought_tree.execution,
      'status', found_status,
      'node_count', (
        select count(*) from public.agent_thoughts
        where agent_thoughts.execution_id = agent_thought_tree.execution
      ),
      'nodes', coalesce(jsonb_agg(
        jsonb_build_object(
          'id', thoughts.id, 'node_id', thoughts.node_id, 'node_type', thoughts.node_type,
          'parent_node_id', thoughts.parent_node_id, 'level', nodes.level,
          'is_orphan', nodes.is_orphan, 'agent_id', thoughts.agent_id,
          'content', left(thoughts.content, 2000),
          'content_length', char_length(thoughts.content),
          'metadata',
          case when pg_column_size(thoughts.metadata) <= 4096 then thoughts.metadata end,
          'confidence_score', thoughts.confidence_score,
          'processing_time_ms', thoughts.processing_time_ms, 'created_at', thoughts.created_at,
          'turn',
          case when thoughts.request_id is not null then
            private.turn_of_thought(thoughts.request_id)
          end
        ) order by nodes.place
      ), '[]')
    )
    from private.thought_nodes(
      agent_thought_tree.execution, (private.limits()).thought_tree_nodes
    ) nodes
    join public.agent_thoughts thoughts on thoughts.id = nodes.thought_id
  );
end
$body$;
grant execute on function public.agent_thought_tree(uuid) to authenticated, service_role;
