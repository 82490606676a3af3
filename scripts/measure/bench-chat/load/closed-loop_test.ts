import assert from "node:assert/strict";
import { closedLoop, parseServerTiming } from "./closed-loop.ts";

Deno.test("every client sends its next request when its last answer is complete", async () => {
  const open = new Map<number, number>();
  let most = 0;
  const result = await closedLoop({
    clients: 3,
    seconds: 0.2,
    send: async (client) => {
      open.set(client, (open.get(client) ?? 0) + 1);
      most = Math.max(most, ...open.values());
      await new Promise((resolve) => setTimeout(resolve, 5));
      open.set(client, (open.get(client) ?? 0) - 1);
      return new Response("whole", { headers: { "server-timing": "begin;dur=4" } });
    },
    isWhole: (text) => text === "whole",
  });
  assert.equal(most, 1);
  assert.deepEqual([...open.keys()].sort(), [0, 1, 2]);
  assert.ok(result.timings.length > 3);
  assert.ok(result.timings.every(({ firstByte, lastByte }) => firstByte <= lastByte));
  assert.equal(result.phases.get("begin")?.length, result.timings.length);
  assert.equal(result.failures.size, 0);
});

Deno.test("a failed or cut answer is counted separately, with its reason", async () => {
  let sent = 0;
  const result = await closedLoop({
    clients: 1,
    seconds: 0.05,
    send: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return sent++ % 2 === 0 ? new Response("busy", { status: 503 }) : new Response("who");
    },
    isWhole: (text) => text === "whole",
  });
  assert.equal(result.timings.length, 0);
  assert.deepEqual([...result.failures.keys()].sort(), ["503 busy", "cut off"]);
});

Deno.test("server-timing is read by name, without entries that have no duration", () => {
  assert.deepEqual(parseServerTiming('auth;dur=0.3, cache;desc="hit", begin;desc=x;dur=12'), [
    { name: "auth", milliseconds: 0.3 },
    { name: "begin", milliseconds: 12 },
  ]);
  assert.deepEqual(parseServerTiming(""), []);
});
