import { deepEqual, equal } from "node:assert/strict";
import { hostLifetime } from "../../../functions/_shared/core/runtime.ts";

/** A global scope with what a host offers. */
function scope(EdgeRuntime?: unknown): typeof globalThis & EventTarget {
  return Object.assign(new EventTarget(), { EdgeRuntime }) as unknown as
    & typeof globalThis
    & EventTarget;
}

Deno.test("hostLifetime() has no waitUntil if the host has none", () => {
  const lifetime = hostLifetime(scope());
  equal(lifetime.waitUntil, undefined);
  equal(lifetime.shutdown.aborted, false);
});

Deno.test("hostLifetime() hands work to the host", () => {
  const taken: unknown[] = [];
  const runtime = {
    waitUntil(work: Promise<unknown>) {
      taken.push(this, work);
    },
  };
  const work = Promise.resolve();
  hostLifetime(scope(runtime)).waitUntil?.(work);
  deepEqual(taken, [runtime, work]);
});

Deno.test("hostLifetime() ends with the host's signal and with beforeunload", () => {
  const host = new AbortController();
  const signalled = hostLifetime(scope({ shutdownSignal: host.signal }));
  host.abort();
  equal(signalled.shutdown.aborted, true);

  const global = scope({});
  const unloaded = hostLifetime(global);
  global.dispatchEvent(new Event("beforeunload"));
  equal(unloaded.shutdown.aborted, true);
});
