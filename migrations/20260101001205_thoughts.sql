-- Thoughts: the steps of an agent's reasoning in an execution, as a tree. Seed 003 draws it as a
-- mind map.

create table public.agent_thoughts (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  execution_id uuid references public.workflow_executions (id) on delete cascade,
  node_id text not null,
  node_type text not null,
  content text not null,
  metadata jsonb not null default '{}',
  parent_node_id text,
  confidence_score numeric(3, 2),
  processing_time_ms integer,
  request_id text,
  created_at timestamptz not null default now(),
  constraint node_id_is_1_to_100_characters check (char_length(node_id) between 1 and 100),
  constraint node_type_is_known check (node_type in ('input', 'processing', 'action', 'output')),
  constraint parent_node_id_is_1_to_100_characters
    check (char_length(parent_node_id) between 1 and 100),
  constraint confidence_is_between_0_and_1 check (confidence_score between 0 and 1),
  constraint processing_time_is_not_negative check (processing_time_ms >= 0),
  constraint node_is_recorded_once_per_execution unique (execution_id, node_id),
  -- Sizes of columns that clients write.
  constraint node_id_has_no_control_characters check (private.is_plain(node_id)),
  constraint parent_node_id_has_no_control_characters check (private.is_plain(parent_node_id)),
  constraint thought_request_id_is_a_label check (private.is_label(request_id)),
  constraint thought_content_is_at_most_1_mib check (private.is_content(content)),
  constraint thought_metadata_is_at_most_256_kib_and_64_levels check (
    private.is_document(metadata)
  )
);
comment on table public.agent_thoughts is
  'Steps of an agent''s reasoning, as nodes of a mind map: those of an execution form a tree, '
  'which agent_thought_tree() returns. A node may be recorded before its parent.';
comment on column public.agent_thoughts.id is 'Identifies the agent thought.';
comment on column public.agent_thoughts.agent_id is 'The agent that had the thought.';
comment on column public.agent_thoughts.execution_id is 'The execution in which it was thought.';
comment on column public.agent_thoughts.node_id is
  'Name of the node, unique within its execution.';
comment on column public.agent_thoughts.node_type is 'input, processing, action or output.';
comment on column public.agent_thoughts.content is 'What was thought.';
comment on column public.agent_thoughts.metadata is
  'Further data about the thought, as the agent reports it.';
comment on column public.agent_thoughts.parent_node_id is
  'Name of the parent node; null for a root.';
comment on column public.agent_thoughts.confidence_score is 'How sure, 0 to 1.';
comment on column public.agent_thoughts.processing_time_ms is
  'Milliseconds that the node took; null if the workflow does not report it.';
comment on column public.agent_thoughts.request_id is
  'The x-request-id of the node''s chat turn; null for others.';
comment on column public.agent_thoughts.created_at is 'When the thought was recorded.';

alter table public.agent_thoughts enable row level security;
create policy "People read the thoughts of agents that they see" on public.agent_thoughts
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = agent_thoughts.agent_id and not agents.is_platform
    )
  );
create policy "Those who edit an agent record its thoughts" on public.agent_thoughts
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = agent_thoughts.agent_id)
    and (
      execution_id is null
      or exists (
        select from public.workflow_executions
        join public.workflows on workflows.id = workflow_executions.workflow_id
        join private.editable_agents on editable_agents.id = workflows.agent_id
        where workflow_executions.id = agent_thoughts.execution_id
      )
    )
  );
create policy "Those who edit an agent delete its thoughts" on public.agent_thoughts
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = agent_thoughts.agent_id)
  );
grant select, delete on public.agent_thoughts to authenticated;
grant insert (
  agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score,
  processing_time_ms, request_id
) on public.agent_thoughts to authenticated;
grant select, insert, update, delete on public.agent_thoughts to service_role;
create index idx_agent_thoughts_agent_id on public.agent_thoughts (agent_id, created_at);
-- Of children only. The statistics of a table may say that it is empty: the planner would then look
-- nodes up in this index by their execution alone, and read all nodes of it each time. Nodes are
-- looked up in the unique index of their names.
create index idx_agent_thoughts_execution_id
  on public.agent_thoughts (execution_id, parent_node_id)
  where parent_node_id is not null;
create index idx_agent_thoughts_created_at on public.agent_thoughts (created_at);

create function private.redact_thought()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.content := private.redact_text(new.content);
  new.metadata := private.redact_secrets(new.metadata);
  return new;
end
$$;
comment on function private.redact_thought() is
  'Trigger: redacts secrets in rows that clients write. Reports are redacted separately.';
create trigger redact_thought before insert or update of content, metadata on public.agent_thoughts
  for each row when (current_user in ('authenticated', 'service_role'))
  execute function private.redact_thought();

create function private.thought_levels_below(thought public.agent_thoughts, most integer)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.thought_levels_below(public.agent_thoughts, integer) is
  'The number of levels of the tree below a thought. Stops counting at most + 1.';

create function private.check_thought_tree()
returns trigger
language plpgsql
security definer
set search_path = ''
-- Plans are cached per connection: one made while the table has a single page would scan it all.
set enable_seqscan = off
set jit = off
as $$
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
$$;
comment on function private.check_thought_tree() is
  'Trigger: the thoughts of an execution form trees of bounded depth, in whatever order they are '
  'recorded; a parent that is not recorded yet counts as a level. Errors: PT409 thought_cycle, '
  'PT400 thoughts_too_deep.';
create trigger check_thought_tree
  after insert or update of execution_id, node_id, parent_node_id on public.agent_thoughts
  for each row when (new.execution_id is not null or new.parent_node_id = new.node_id)
  execute function private.check_thought_tree();

create function private.thought_nodes(execution_id uuid, most integer)
returns table (thought_id uuid, node_id text, level integer, place bigint, is_orphan boolean)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.thought_nodes(uuid, integer) is
  'The thoughts of an execution that the caller sees, with their level, from 1, and their place in '
  'depth-first order. A node whose parent is not among them is an orphan at the first level.';
grant execute on function private.thought_nodes(uuid, integer) to authenticated, service_role;

create function private.turn_of_thought(request_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.turn_of_thought(text) is
  'The ledger''s figures of a node''s turn, if the caller may read them.';
grant execute on function private.turn_of_thought(text) to authenticated, service_role;

create function public.agent_thought_tree(execution uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function public.agent_thought_tree(uuid) is
  'The thoughts of an execution as a tree: {"execution_id", "status", "node_count", "nodes"}. '
  'nodes, the first 10,000 at most, are in depth-first order, parents before their children, each '
  'with its level from 1. content is cut at 2,000 characters, metadata above 4 KiB is null; the '
  'table agent_thoughts has both in full. turn has the ledger''s figures of the node''s chat turn: '
  'model, tokens, cost; null for others. A node whose parent is not recorded yet is_orphan. '
  'Errors: PT404 execution_not_found.';
grant execute on function public.agent_thought_tree(uuid) to authenticated, service_role;
