import { deepEqual, equal, rejects } from "node:assert/strict";
import { createServerTiming } from "../../../functions/_shared/http/server_timing.ts";

Deno.test("timings of one name add up, failed ones included", async () => {
  let now = 0;
  const phases = createServerTiming(() => now);
  const taking = (ms: number) => () => {
    now += ms;
    return Promise.resolve("done");
  };
  equal(phases.header(), "");
  equal(await phases.measure("begin", taking(1.26)), "done");
  await phases.measure("upstream", taking(2));
  await phases.measure("upstream", taking(3));
  await rejects(phases.measure("settle", async () => {
    await taking(4)();
    throw new Error("no");
  }));
  equal(phases.header(), "begin;dur=1.3, upstream;dur=5, settle;dur=4");
  deepEqual(phases.fields(), { begin_ms: 1.3, upstream_ms: 5, settle_ms: 4 });
});

Deno.test("a running timing is not listed yet", async () => {
  const phases = createServerTiming();
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = phases.measure("settle", () => promise);
  equal(phases.header(), "");
  resolve();
  await running;
  equal(phases.header().startsWith("settle;dur="), true);
});
