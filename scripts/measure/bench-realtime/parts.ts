import type { RealtimeChannel } from "@supabase/supabase-js";
import type postgres from "postgres";
import type { Member, Subscribers } from "./subscribers.ts";

/** One kind of subscription, and the events that it receives. */
export interface Part {
  name: string;
  /** Whom an event is for, by its number. */
  isFor(member: Member, event: number): boolean;
  channel(member: Member, note: (text: unknown) => void): RealtimeChannel;
  /** Makes an event whose text carries its number and its time. */
  send(sql: postgres.Sql, event: number, text: string): Promise<unknown>;
}

/** What is measured: the two subscriptions of seed 003, and a private channel. */
export async function makeParts(sql: postgres.Sql, subscribers: Subscribers): Promise<Part[]> {
  const { organizations, members } = subscribers;
  const organizationOf = (event: number) => organizations[event % 2] ?? "";
  const userOf = (event: number) => members[event % members.length]?.user ?? "";
  const agents = await sql<{ id: string }[]>`
    insert into public.agents (name, organization_id)
    select 'Bench', * from unnest(${[...organizations]}::uuid[]) returning id`;
  const topic = (organization: string) => `organization:${organization}`;
  return [
    {
      name: "notifications, filtered by the user",
      isFor: ({ user }, event) => user === userOf(event),
      channel: ({ user, supabase }, note) =>
        supabase.channel("filtered").on("postgres_changes", {
          event: "INSERT",
          schema: "public",
          table: "notifications",
          filter: `user_id=eq.${user}`,
        }, (change) => note(change.new.title)),
      send: (sql, event, text) =>
        sql`
          insert into public.notifications (user_id, type, title, message)
          values (${userOf(event)}, 'bench', ${text}, 'bench')`,
    },
    {
      name: "agents, without a filter: row level security decides",
      isFor: ({ organization }, event) => organization === organizationOf(event),
      channel: ({ supabase }, note) =>
        supabase.channel("unfiltered").on("postgres_changes", {
          event: "UPDATE",
          schema: "public",
          table: "agents",
        }, (change) => note(change.new.notes)),
      send: (sql, event, text) =>
        sql`update public.agents set notes = ${text} where id = ${agents[event % 2]?.id ?? ""}`,
    },
    {
      name: "private channel of the organization, sent by the database",
      isFor: ({ organization }, event) => organization === organizationOf(event),
      channel: ({ organization, supabase }, note) =>
        supabase.channel(topic(organization), { config: { private: true } })
          .on("broadcast", { event: "bench" }, ({ payload }) => note(payload.text)),
      send: (sql, event, text) =>
        sql`
          select private.broadcast(
            ${topic(organizationOf(event))}, 'bench', ${sql.json({ text })}
          )`,
    },
  ];
}
