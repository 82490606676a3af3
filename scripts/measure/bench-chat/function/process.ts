/**
 * A process of its own: runs turns through the chat function as it is deployed, with a database and
 * a model that answer at once, and prints their processor time as one line of JSON.
 *
 * Arguments: seconds of measuring for each kind of answer.
 */
import process from "node:process";
import { accessToken } from "../../../test/support/access-token.ts";
import { isWhole, requestBody } from "../question.ts";
import { instantOutside } from "./instant-outside.ts";

const seconds = Number(Deno.args[0]);
const apiUrl = "http://127.0.0.1:9";
const jwtSecret = crypto.randomUUID() + crypto.randomUUID();
const print = console.log;

for (const name of ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"]) Deno.env.delete(name);
Deno.env.set("SUPABASE_URL", apiUrl);
Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify({ default: "sb_secret_bench" }));
Deno.env.set("JWT_SECRET", jwtSecret);
Deno.env.set("BENCH_ECHO_API_KEY", "bench");

Object.assign(globalThis, { EdgeRuntime: { waitUntil: () => {} } });
const outside = instantOutside();
globalThis.fetch = outside.fetch;
// The line of the log is made, and not written.
console.log = () => {};

const { default: chat } = await import("../../../../functions/chat/index.ts");
const userId = "00000000-0000-4000-9001-000000000000";
const token = await accessToken({ apiUrl, jwtSecret, userId });

const results: Record<string, { turns: number; cpuMilliseconds: number }> = {};
for (const stream of [false, true]) {
  await runTurns(stream, { count: 500 });
  const before = process.cpuUsage();
  const settledBefore = outside.settled;
  const turns = await runTurns(stream, { until: performance.now() + seconds * 1000 });
  const { user, system } = process.cpuUsage(before);
  if (outside.settled - settledBefore !== turns) {
    throw new Error(`${turns} turns, and ${outside.settled - settledBefore} settled`);
  }
  results[stream ? "stream" : "whole"] = { turns, cpuMilliseconds: (user + system) / 1000 };
}
print(JSON.stringify(results));
Deno.exit(0);

async function runTurns(
  stream: boolean,
  { count = Infinity, until = Infinity }: { count?: number; until?: number },
): Promise<number> {
  const settledBefore = outside.settled;
  let turns = 0;
  while (turns < count && performance.now() < until) {
    const response = await chat.fetch(
      new Request(`${apiUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: requestBody("bench-model-0", stream),
      }),
    );
    const text = await response.text();
    if (response.status !== 200 || !isWhole(text, stream)) throw new Error(text);
    turns++;
    await outside.whenSettled(settledBefore + turns);
  }
  return turns;
}
