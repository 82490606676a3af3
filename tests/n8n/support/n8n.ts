import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { freePort } from "../../../scripts/common/free-port.ts";
import { runCommand } from "../../../scripts/common/run-command.ts";
import { eventually, openDatabase, stack } from "../../e2e/support/stack.ts";

/** A running n8n, whose data are in a database of their own beside ours. */
export interface N8n extends AsyncDisposable {
  /** Where it answers. */
  url: string;
  /** Has a failed execution run again from the node that failed. */
  retry(execution: string): Promise<void>;
}

/** What n8n is given before it starts. */
export interface N8nContents {
  /** As they are exported; all are activated. */
  workflows: { nodes: { parameters: { path?: string } }[] }[];
  /** The value of the header `authorization` that the credential `agentbase` stands for. */
  authorization: string;
}

/** Starts n8n with these workflows, which takes a minute. */
export async function startN8n({ workflows, authorization }: N8nContents): Promise<N8n> {
  const folder = await Deno.makeTempDir();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...settings(folder, port), ...await makeDatabase() };
  const cli = async (...args: string[]) => {
    const { code, output } = await runCommand(["node", program(), ...args], { cwd: folder, env });
    equal(code, 0, output);
  };
  const write = async (name: string, content: object[]) => {
    const path = join(folder, name);
    await Deno.writeTextFile(path, JSON.stringify(content), { mode: 0o600 });
    return `--input=${path}`;
  };
  const credential = {
    id: "agentbase",
    name: "Agentbase",
    type: "httpHeaderAuth",
    data: { name: "Authorization", value: authorization },
  };
  await cli("import:credentials", await write("credentials.json", [credential]));
  await cli("import:workflow", await write("workflows.json", workflows));
  const paths = workflows.flatMap(({ nodes }) => nodes)
    .flatMap(({ parameters }) => parameters.path ?? []);
  await cli("update:workflow", "--all", "--active=true");
  const child = new Deno.Command("node", {
    args: [program(), "start"],
    cwd: folder,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    for (const path of paths) await untilReady(url, path);
    const headers = await makeApiKey(url);
    return {
      url,
      async retry(execution) {
        const path = `/api/v1/executions/${execution}/retry`;
        const answer = await post(url, path, { loadWorkflow: false }, headers);
        await answer.body?.cancel();
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function program(): string {
  const installed = Deno.env.get("INSTALLED_PROGRAMS");
  ok(installed, "INSTALLED_PROGRAMS says where n8n is installed");
  return join(installed, "node_modules/n8n/bin/n8n");
}

function settings(folder: string, port: number): Record<string, string> {
  return {
    N8N_USER_FOLDER: folder,
    N8N_ENCRYPTION_KEY: crypto.randomUUID(),
    N8N_LISTEN_ADDRESS: "127.0.0.1",
    N8N_PORT: String(port),
    WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    N8N_SECURE_COOKIE: "false",
    // The other one needs isolated-vm.
    N8N_EXPRESSION_ENGINE: "legacy",
    N8N_RUNNERS_ENABLED: "false",
    N8N_DIAGNOSTICS_ENABLED: "false",
    N8N_VERSION_NOTIFICATIONS_ENABLED: "false",
    N8N_TEMPLATES_ENABLED: "false",
    N8N_COMMUNITY_PACKAGES_ENABLED: "false",
    N8N_LICENSE_AUTO_RENEW_ENABLED: "false",
    N8N_PERSONALIZATION_ENABLED: "false",
    N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: "true",
  };
}

/** A database of its own in the cluster of the stack, and a role that owns nothing else. */
async function makeDatabase(): Promise<Record<string, string>> {
  await using database = openDatabase();
  const name = `n8n_${crypto.randomUUID().slice(0, 8)}`;
  const password = crypto.randomUUID();
  await database.sql.unsafe(`create role ${name} login password '${password}'`);
  await database.sql.unsafe(`grant ${name} to current_user`);
  await database.sql.unsafe(`create database ${name} owner ${name}`);
  const { hostname, port } = new URL(stack.DB_URL);
  return {
    DB_TYPE: "postgresdb",
    DB_POSTGRESDB_HOST: hostname,
    DB_POSTGRESDB_PORT: port,
    DB_POSTGRESDB_DATABASE: name,
    DB_POSTGRESDB_USER: name,
    DB_POSTGRESDB_PASSWORD: password,
  };
}

/** Waits until its webhooks are there; its health check is content before. */
async function untilReady(url: string, path: string): Promise<void> {
  const ask = async () => {
    const answer = await fetch(`${url}/webhook/${path}`).catch(() => null);
    return await answer?.text() ?? "";
  };
  await eventually(ask, (text) => text.includes("Did you mean to make a POST request?"), 120_000);
}

/** @returns the headers of calls of its public API */
async function makeApiKey(url: string): Promise<Record<string, string>> {
  const owner = {
    email: "alice@example.com",
    firstName: "Alice",
    lastName: "A",
    password: "A good password 1",
  };
  const signedIn = await post(url, "/rest/owner/setup", owner);
  await signedIn.body?.cancel();
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const wanted = { label: "Test", scopes: ["execution:retry", "execution:read"], expiresAt: null };
  const made = await post(url, "/rest/api-keys", wanted, { cookie });
  const { data } = z.object({ data: z.object({ rawApiKey: z.string() }) }).parse(await made.json());
  return { "x-n8n-api-key": data.rawApiKey };
}

async function post(
  url: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const ask = async () => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) await answer.body?.cancel();
    return answer;
  };
  // Its routes come one after the other.
  const answer = await eventually(ask, ({ status }) => status !== 404 && status !== 503, 120_000);
  equal(answer.ok, true, `n8n answers ${answer.status}`);
  return answer;
}
