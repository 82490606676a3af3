import { createClient, type RealtimeChannel } from "@supabase/supabase-js";
import { VITE_API_URL, VITE_PUBLISHABLE_KEY } from "./settings.ts";

export const supabase = createClient(VITE_API_URL, VITE_PUBLISHABLE_KEY);

/** One run of a workflow. */
export interface Execution {
  id: string;
  label: string;
  /** The private channel on which the thoughts of its agent are announced. */
  topic: string;
}

/** A node of the tree that `agent_thought_tree()` returns, in depth-first order. */
export interface Thought {
  id: string;
  node_id: string;
  node_type: "input" | "processing" | "action" | "output";
  parent_node_id: string | null;
  /** From 1. */
  level: number;
  /** Its parent is not recorded yet. */
  is_orphan: boolean;
  content: string;
  /** What the ledger has of the turn of chat that it stands for, once it is settled. */
  turn: {
    model_name: string | null;
    input_tokens: number;
    output_tokens: number;
    /** Dollars; null for an unknown price. */
    total_cost: string | null;
  } | null;
}

export interface ThoughtTree {
  status: string;
  node_count: number;
  nodes: Thought[];
}

/** The user's latest executions. */
export async function listExecutions(): Promise<Execution[]> {
  const { data, error } = await supabase.from("workflow_executions")
    .select("id, started_at, workflows!inner(name, agents!inner(organization_id, created_by))")
    .order("started_at", { ascending: false })
    .limit(20)
    .returns<
      {
        id: string;
        started_at: string;
        workflows: {
          name: string;
          agents: { organization_id: string | null; created_by: string | null };
        };
      }[]
    >();
  if (error) throw error;
  return data.map(({ id, started_at, workflows: { name, agents } }) => ({
    id,
    label: `${name}, ${new Date(started_at).toLocaleTimeString()}`,
    topic: agents.organization_id
      ? `organization:${agents.organization_id}`
      : `user:${agents.created_by}`,
  }));
}

/** All thoughts of an execution. */
export async function readTree(execution: string): Promise<ThoughtTree> {
  const { data, error } = await supabase.rpc("agent_thought_tree", { execution });
  if (error) throw error;
  return data;
}

/**
 * Calls back whenever the tree is to be read again: when the channel is joined, also after a lost
 * connection; when thoughts were recorded; when a turn of chat, which may be one of them, was settled
 * (sent where the organization's settings have "broadcast_turns": true); when the execution changed.
 */
export function watch({ id, topic }: Execution, onNews: () => void): () => void {
  const whenJoined = (status: string) => void (status === "SUBSCRIBED" && onNews());
  const channels: RealtimeChannel[] = [
    supabase.channel(topic, { config: { private: true } })
      .on("broadcast", { event: "thoughts" }, ({ payload }) => {
        if (payload.execution_id === id) onNews();
      })
      .on("broadcast", { event: "turn" }, ({ payload }) => {
        if (payload.state === "settled") onNews();
      }),
    supabase.channel(`execution:${id}`).on("postgres_changes", {
      event: "UPDATE",
      schema: "public",
      table: "workflow_executions",
      filter: `id=eq.${id}`,
    }, onNews),
  ];
  for (const channel of channels) channel.subscribe(whenJoined);
  return () => void channels.map((channel) => supabase.removeChannel(channel));
}
