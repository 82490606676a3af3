/**
 * Measures what recording calls costs the chat function: blocks of turns with and without a
 * recorder alternate in one process, with a database and a model that answer at once. Writes one
 * line of JSON, in microseconds a turn.
 *
 * deno run -A scripts/measure/bench-chat/function/call-records.ts [seconds]
 */
import process from "node:process";
import { createAuthenticate } from "../../../../functions/_shared/auth/person.ts";
import { acceptAccessKeys } from "../../../../functions/_shared/auth/caller.ts";
import { parseEnv } from "../../../../functions/_shared/core/env.ts";
import { createAdmission } from "../../../../functions/_shared/http/admission.ts";
import { createTurnDeps } from "../../../../functions/_shared/gateway/turn_deps.ts";
import { handleChat } from "../../../../functions/chat/handler.ts";
import { accessToken } from "../../../test/support/access-token.ts";
import { requestBody } from "../question.ts";
import { median } from "../../common/statistics.ts";
import { instantOutside } from "./instant-outside.ts";

const seconds = Number(Deno.args[0] ?? 20);
const turnsPerBlock = 100;
const apiUrl = "http://127.0.0.1:9";
const jwtSecret = crypto.randomUUID() + crypto.randomUUID();
const outside = instantOutside();
globalThis.fetch = outside.fetch;
Object.assign(globalThis, { EdgeRuntime: { waitUntil: () => {} } });

const env = parseEnv({
  SUPABASE_URL: apiUrl,
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_bench" }),
  JWT_SECRET: jwtSecret,
  BENCH_ECHO_API_KEY: "bench",
});
const { calls, ...turnDeps } = createTurnDeps(env);
const authenticate = acceptAccessKeys(createAuthenticate({ ...env, fetch: globalThis.fetch }), env);
// The line of the log is made, and not written.
const log = () => {};
const admission = createAdmission(turnDeps.limits.chatBytesInFlight);
const without = { ...turnDeps, admission, log, authenticate };
const withRecords = { ...without, calls };
const userId = "00000000-0000-4000-9001-000000000000";
const token = await accessToken({ apiUrl, jwtSecret, userId });

/** Processor time and time until the answer, in microseconds a turn. */
async function block(deps: typeof without): Promise<{ cpu: number; latency: number }> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  for (let turn = 0; turn < turnsPerBlock; turn++) {
    const startedAt = performance.now();
    const response = await handleChat(
      new Request(`${apiUrl}/chat/completions`, {
        method: "POST",
        headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
        body: requestBody("bench-0", false),
      }),
      deps,
    );
    await response.text();
    latencies.push((performance.now() - startedAt) * 1000);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / turnsPerBlock, latency: median(latencies) };
}

const pairs: {
  plain: Awaited<ReturnType<typeof block>>;
  recorded: Awaited<ReturnType<typeof block>>;
}[] = [];
for (let warm = 0; warm < 10; warm++) await block(warm % 2 === 0 ? without : withRecords);
const until = performance.now() + seconds * 1000;
while (performance.now() < until) {
  // The order alternates as well.
  if (pairs.length % 2 === 0) {
    const plain = await block(without);
    pairs.push({ plain, recorded: await block(withRecords) });
  } else {
    const recorded = await block(withRecords);
    pairs.push({ recorded, plain: await block(without) });
  }
}
const of = (pick: (pair: (typeof pairs)[number]) => number) =>
  Math.round(median(pairs.map(pick)) * 10) / 10;
console.log(JSON.stringify({
  pairs: pairs.length,
  turns: pairs.length * turnsPerBlock * 2,
  cpu: of(({ plain }) => plain.cpu),
  cpuAdded: of(({ plain, recorded }) => recorded.cpu - plain.cpu),
  latency: of(({ plain }) => plain.latency),
  latencyAdded: of(({ plain, recorded }) => recorded.latency - plain.latency),
}));
Deno.exit(0);
