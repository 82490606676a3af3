import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import type { StackEnvironment } from "../../stack/folder/environment-file.ts";
import { accessToken } from "../../test/support/access-token.ts";

/** An event as it arrived: which one, and after how many milliseconds. */
export interface Arrival {
  event: number;
  milliseconds: number;
}

/** A user with a connection. */
export interface Member {
  user: string;
  organization: string;
  supabase: SupabaseClient;
  arrivals: Arrival[];
}

/** Two organizations, and the users who are connected: the members of each in turn. */
export interface Subscribers {
  organizations: readonly string[];
  members: readonly Member[];
}

/** Makes the users and connects each of them. */
export async function connectSubscribers(
  sql: postgres.Sql,
  { API_URL, PUBLISHABLE_KEY, JWT_SECRET }: StackEnvironment,
  count: number,
): Promise<Subscribers> {
  const users = await sql<{ id: string }[]>`
    insert into auth.users (id, email)
    select gen_random_uuid(), 'bench-' || n || '@example.com'
    from generate_series(1, ${count}::integer) n
    returning id`;
  const organizations = await Promise.all(
    users.slice(0, 2).map(({ id }, index) => makeOrganization(sql, id, index)),
  );
  const organizationOf = (index: number) => organizations[index % 2] ?? "";
  const memberships = users.map(({ id }, index) => ({
    user_id: id,
    organization_id: organizationOf(index),
    role: "viewer",
  }));
  await sql`
    insert into public.organization_members ${sql(memberships)}
    on conflict (organization_id, user_id) do nothing`;
  const members = await Promise.all(users.map(async ({ id }, index) => {
    const token = await accessToken({ apiUrl: API_URL, jwtSecret: JWT_SECRET, userId: id });
    const supabase = createClient(API_URL, PUBLISHABLE_KEY, {
      accessToken: () => Promise.resolve(token),
    });
    await supabase.realtime.setAuth();
    return { user: id, organization: organizationOf(index), supabase, arrivals: [] };
  }));
  return { organizations, members };
}

async function makeOrganization(sql: postgres.Sql, owner: string, index: number): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, created_by)
    values (${`Bench ${index}`}, ${`bench-${index}`}, ${owner}) returning id`;
  return row?.id ?? "";
}

/** Joins a channel as each member, twenty at a time, with a new list of arrivals. */
export async function subscribeAll(
  { members }: Subscribers,
  channelOf: (member: Member, note: (text: unknown) => void) => RealtimeChannel,
): Promise<RealtimeChannel[]> {
  const channels: RealtimeChannel[] = [];
  for (let at = 0; at < members.length; at += 20) {
    channels.push(
      ...await Promise.all(
        members.slice(at, at + 20).map((member) => {
          member.arrivals = [];
          return joined(channelOf(member, (text) => {
            const [event, sentAt] = String(text).split(" ").map(Number);
            member.arrivals.push({
              event: event ?? NaN,
              milliseconds: Date.now() - (sentAt ?? NaN),
            });
          }));
        }),
      ),
    );
  }
  return channels;
}

function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve(channel);
      else if (status === "CHANNEL_ERROR") reject(error ?? new Error("Cannot join a channel"));
    });
  });
}
