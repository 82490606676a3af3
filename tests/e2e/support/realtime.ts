import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { eventually, type Person, stack } from "./stack.ts";

/** A change as a callback of `supabase-js` gets it. */
export interface Change {
  eventType: string;
  table: string;
  new: Record<string, unknown>;
  old: Record<string, unknown>;
  errors: unknown;
}

/** A client of a person for Realtime alone, which ends with the test. */
export interface LiveClient extends AsyncDisposable {
  supabase: SupabaseClient;
}

/** Connects with the token of a user, or with what a function returns; null connects as a visitor. */
export async function connect(
  token: string | (() => string) | null,
  vsn = "2.0.0",
): Promise<LiveClient> {
  const supabase = createClient(stack.API_URL, stack.PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { vsn },
    ...token !== null &&
      { accessToken: () => Promise.resolve(typeof token === "string" ? token : token()) },
  });
  // Otherwise the first join may go out before the token is there.
  await supabase.realtime.setAuth();
  return {
    supabase,
    async [Symbol.asyncDispose]() {
      await supabase.removeAllChannels();
      await supabase.realtime.disconnect();
    },
  };
}

/** Waits until a channel reports a status. @returns the list of its reports, which grows. */
export async function subscribe(channel: RealtimeChannel, status: string): Promise<string[]> {
  const reported: string[] = [];
  channel.subscribe((state, error) => {
    reported.push(error ? `${state}: ${error.message}` : state);
  });
  await eventually(
    () => Promise.resolve(reported),
    (all) => all.some((one) => one.startsWith(status)),
  );
  return reported;
}

/** Follows the changes of a table. @returns the list of changes, which grows as they arrive. */
export async function follow(
  { supabase }: LiveClient,
  table: string,
  filter?: string,
  event = "*",
): Promise<Change[]> {
  const changes: Change[] = [];
  const channel = supabase.channel(`changes-${crypto.randomUUID()}`)
    // deno-lint-ignore no-explicit-any -- the overloads of `on` name each event apart
    .on("postgres_changes" as any, { event, schema: "public", table, filter }, (change: Change) => {
      changes.push(change);
    });
  await subscribe(channel, "SUBSCRIBED");
  return changes;
}

/** A token of a person that expires after some seconds. */
export async function tokenOf(person: Pick<Person, "id">, seconds: number): Promise<string> {
  return await new SignJWT({ role: "authenticated" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(person.id)
    .setAudience("authenticated")
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(stack.JWT_SECRET));
}
