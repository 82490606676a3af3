import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../scripts/common/free-port.ts";
import type { StackEnvironment } from "../../scripts/stack/folder/environment-file.ts";
import { firstModel } from "../../scripts/stack/first-model.ts";
import { signIn } from "../../scripts/stack/sign-in.ts";
import { leakedProcesses } from "../../scripts/test/support/leaked-processes.ts";
import {
  describe,
  failToStart,
  type StackProcess,
  startStackProcess,
} from "../../scripts/test/support/stack-process.ts";

/** Enough words for the demo model, which repeats them one by one, to speak for half a minute. */
const longMessage = "word ".repeat(1500);

/** Runs a test with a folder of its own for a stack. */
async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-stack-" });
  await Deno.chmod(folder, 0o755);
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Alice's access token. */
async function tokenOf(environment: StackEnvironment): Promise<string> {
  const { API_URL: apiUrl, PUBLISHABLE_KEY: publishableKey } = environment;
  const email = "alice@example.com";
  const answer = await signIn({ apiUrl, publishableKey, email, password: "agentbase" });
  if ("token" in answer) return answer.token;
  throw new Error(`Cannot sign in as "${email}": ${answer.reason}`);
}

/** Sends a message as Alice; the answer's body has not been read. */
async function chat(
  { environment }: StackProcess,
  content: string,
  options: { stream: boolean; sessionId?: string },
): Promise<Response> {
  const token = await tokenOf(environment);
  const response = await fetch(`${environment.FUNCTIONS_URL}/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...options.sessionId === undefined ? {} : { "x-session-id": options.sessionId },
    },
    body: JSON.stringify({
      model: await firstModel(environment, token),
      messages: [{ role: "user", content }],
      stream: options.stream,
    }),
  });
  assert.equal(response.status, 200);
  return response;
}

/** Begins a long answer and returns once its first words have come. */
async function beginLongChat(
  stack: StackProcess,
): Promise<{ sessionId: string; rest: Promise<string> }> {
  const response = await chat(stack, longMessage, { stream: true });
  const sessionId = response.headers.get("x-session-id");
  assert.ok(sessionId !== null && response.body !== null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("said")) {
    const { done, value } = await reader.read();
    assert.ok(!done, `The answer ended early: ${text}`);
    text += value;
  }
  return { sessionId, rest: readRest(reader) };
}

/** What is left of an answer; a broken connection ends it too. */
async function readRest(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  } catch {
    return text;
  }
  return text;
}

/** The state of the only turn of a session. */
async function stateOfTurn(stack: StackProcess, sessionId: string): Promise<string> {
  const sql = postgres(stack.environment.DB_URL, { max: 1 });
  try {
    const rows = await sql<{ state: string }[]>`
      select interactions.turn_state as state
      from public.ai_interactions interactions
      join public.chat_sessions sessions on sessions.id = interactions.session_id
      where sessions.session_id = ${sessionId}
    `;
    assert.equal(rows.length, 1);
    return rows[0]?.state ?? "";
  } finally {
    await sql.end();
  }
}

async function assertNothingLeft(folder: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let left = await leakedProcesses(folder);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = await leakedProcesses(folder);
  }
  assert.deepEqual(left, []);
}

Deno.test("SIGTERM in the middle of a chat leaves no process and no running turn", async () => {
  await withFolder(async (folder) => {
    const first = await startStackProcess({ folder });
    const { sessionId, rest } = await beginLongChat(first);
    const end = await first.stop("SIGTERM");
    assert.equal(end.code, 0, describe(end));
    assert.deepEqual(await leakedProcesses(folder), []);
    await rest;

    const second = await startStackProcess({ folder });
    try {
      console.log(`second start: ready in ${(second.readyAfter / 1000).toFixed(1)} s`);
      // It takes 5 s on a machine that does nothing else; the bound only guards against hanging.
      assert.ok(second.readyAfter < 120_000);
      assert.equal(await stateOfTurn(second, sessionId), "partial");
      const answer = await chat(second, "Go on.", { stream: false, sessionId });
      assert.match(JSON.stringify(await answer.json()), /earlier message/);
    } finally {
      await second.stop();
    }
  });
});

Deno.test("SIGKILL in the middle of a chat leaves no process, and the next start fails the turn", async () => {
  await withFolder(async (folder) => {
    const first = await startStackProcess({ folder });
    const { sessionId, rest } = await beginLongChat(first);
    await first.crash();
    await rest;
    await assertNothingLeft(folder);

    const second = await startStackProcess({ folder });
    try {
      assert.equal(await stateOfTurn(second, sessionId), "failed");
    } finally {
      await second.stop();
    }
  });
});

for (const name of ["apiPort", "databasePort"] as const) {
  const variable = name === "apiPort" ? "API_PORT" : "DB_PORT";
  Deno.test(`a port of ${variable} that is in use is reported in one line`, async () => {
    await withFolder(async (folder) => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
      try {
        const end = await failToStart({ folder, [name]: listener.addr.port });
        assert.equal(end.code, 1);
        assert.match(end.stderr, new RegExp(`^Cannot .*"?${listener.addr.port}.*${variable}.*\n$`));
        await assertNothingLeft(folder);
      } finally {
        listener.close();
      }
    });
  });
}

Deno.test("a data directory of another Postgres version is refused in one line", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "postgres"));
    await Deno.writeTextFile(join(folder, "postgres", "PG_VERSION"), "14\n");
    const end = await failToStart({ folder });
    assert.equal(end.code, 1);
    assert.match(end.stderr, /^Cannot use .*Postgres 14.*Postgres 17.*\n$/);
    await assertNothingLeft(folder);
  });
});
