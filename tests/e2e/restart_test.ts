import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { z } from "zod";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { startStackProcess } from "../../scripts/test/support/stack-process.ts";
import { subscribe } from "./support/realtime.ts";
import { eventually } from "./support/stack.ts";

/** The database of a stack, as its superuser. */
async function openAsSuperuser(folder: string, url: string): Promise<postgres.Sql> {
  const secrets = JSON.parse(await Deno.readTextFile(join(folder, "secrets.json")));
  const { databasePassword } = z.object({ databasePassword: z.string() }).parse(secrets);
  const admin = new URL(url);
  admin.username = "supabase_admin";
  admin.password = databasePassword;
  return postgres(admin.href, { max: 1, onnotice: () => {} });
}

/** Receives deliveries: the first is never answered. */
function startSlowReceiver() {
  const ids: (string | null)[] = [];
  const ended = Promise.withResolvers<Response>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    ({ headers }) => {
      ids.push(headers.get("webhook-id"));
      return ids.length === 1 ? ended.promise : new Response();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    ids,
    async [Symbol.asyncDispose]() {
      ended.resolve(new Response());
      await server.shutdown();
    },
  };
}

/** Makes a webhook in the organization of the seed. @returns its id */
async function makeWebhook(
  { FUNCTIONS_URL }: StackEnvironment,
  token: string | undefined,
  url: string,
): Promise<string> {
  const organization_id = "00000000-0000-4000-8000-0000000000ac";
  const made = await fetch(`${FUNCTIONS_URL}/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ organization_id, name: "Slow", url }),
  });
  return z.object({ id: z.string() }).parse(await made.json()).id;
}

// Beside the stack of the other tests, so there are two at once.
Deno.test("Realtime clients and webhook deliveries survive a lost log, a restart and SIGKILL", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-realtime-" });
  await Deno.chmod(folder, 0o755);
  const first = await startStackProcess({ folder });
  const { API_URL, DB_URL, PUBLISHABLE_KEY } = first.environment;
  const supabase = createClient(API_URL, PUBLISHABLE_KEY, { auth: { persistSession: false } });
  const { data } = await supabase.auth.signInWithPassword({
    email: "alice@example.com",
    password: "agentbase",
  });
  const user = data.user?.id;
  ok(user);
  const titles: string[] = [];
  const channel = supabase.channel("restarts").on("postgres_changes", {
    event: "INSERT",
    schema: "public",
    table: "notifications",
    filter: `user_id=eq.${user}`,
  }, (change) => titles.push(change.new.title));
  const said = await subscribe(channel, "SUBSCRIBED");
  const joined = (times: number) =>
    eventually(
      () => Promise.resolve(said.filter((one) => one === "SUBSCRIBED")),
      ({ length }) => length === times,
    );
  const note = async (sql: postgres.Sql, title: string) => {
    await sql`
      insert into public.notifications (user_id, type, title, message)
      values (${user}, 'note', ${title}, 'To read')`;
    await eventually(() => Promise.resolve(titles), (all) => all.at(-1) === title);
  };
  const slots = (sql: postgres.Sql) =>
    sql`select temporary from pg_replication_slots where slot_name ~ '^agentbase_realtime_'`;

  let sql = await openAsSuperuser(folder, DB_URL);
  await note(sql, "before");
  await sql`
    select pg_terminate_backend(active_pid) from pg_replication_slots
    where slot_name ~ '^agentbase_realtime_'`;
  await joined(2);
  await note(sql, "after a lost log");
  deepEqual([...await slots(sql)], [{ temporary: true }]);
  await sql.end();

  const end = await first.stop();
  equal(end.code, 0, end.stderr);
  const port = (url: string) => Number(new URL(url).port);
  const again = await startStackProcess({
    folder,
    apiPort: port(API_URL),
    databasePort: port(DB_URL),
  });
  sql = await openAsSuperuser(folder, DB_URL);
  deepEqual([...await slots(sql)], [{ temporary: true }]);
  await joined(3);
  await note(sql, "after a restart");
  await supabase.removeAllChannels();
  await supabase.realtime.disconnect();
  await supabase.auth.stopAutoRefresh();

  await using receiver = startSlowReceiver();
  const id = await makeWebhook(again.environment, data.session?.access_token, receiver.url);
  await sql`select private.enqueue_webhook(${id}, 'probe.sent', '{"n": 1}')`;
  await eventually(() => Promise.resolve(receiver.ids), ({ length }) => length === 1);
  await sql.end();
  await again.crash();
  const last = await startStackProcess({
    folder,
    apiPort: port(API_URL),
    databasePort: port(DB_URL),
  });
  sql = await openAsSuperuser(folder, DB_URL);
  const delivery = () =>
    sql`
      select status, attempts, locked_until between now() and now() + interval '2 minutes' as is_taken
      from public.webhook_deliveries where endpoint_id = ${id}`;
  deepEqual([...await delivery()], [{ status: "pending", attempts: 1, is_taken: true }]);
  // Two minutes later.
  await sql`
    update public.webhook_deliveries set locked_until = now(), next_attempt_at = now()
    where endpoint_id = ${id}`;
  await sql`select private.call_webhook_sender_if_due()`;
  await eventually(delivery, ([row]) => row?.status === "delivered");
  deepEqual([receiver.ids.length, new Set(receiver.ids).size], [2, 1]);
  await sql.end();
  equal((await last.stop()).code, 0);
  await Deno.remove(folder, { recursive: true });
});
