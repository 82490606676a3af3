import { equal, ok } from "node:assert/strict";
import { createIdleTimer } from "../../../functions/_shared/core/idle_timer.ts";
import { sleep } from "../../../functions/_shared/core/sleep.ts";

Deno.test("an idle timer expires its duration after the last touch, and can be restarted", async () => {
  const startedAt = performance.now();
  const expired: number[] = [];
  const idle = createIdleTimer(500, () => expired.push(performance.now() - startedAt));
  await sleep(100);
  const touchedAt = performance.now() - startedAt;
  idle.touch();
  while (expired.length < 2) await sleep(5);
  idle.stop();
  const [first = 0, second = 0] = expired;
  ok(
    first >= touchedAt + 499,
    `not ${first} ms after the start: it was touched ${touchedAt} after`,
  );
  ok(second - first >= 499, `not ${second - first} ms after it has expired`);
});

Deno.test("an idle timer does not expire while nothing is waited for, nor when it was stopped", async () => {
  let expired = 0;
  const idle = createIdleTimer(20, () => expired++);
  idle.pause();
  await sleep(70);
  equal(expired, 0);
  idle.touch();
  while (expired === 0) await sleep(5);
  idle.stop();
  await sleep(50);
  equal(expired, 1);
});
