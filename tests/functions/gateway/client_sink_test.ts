import { equal } from "node:assert/strict";
import { createClientSink } from "../../../functions/_shared/gateway/respond/stream/client_sink.ts";
import { DEFAULT_LIMITS } from "../../../functions/_shared/gateway/limits.ts";

const tight = { ...DEFAULT_LIMITS, queueBytes: 4 };

Deno.test("a full sink does not wait after its source has ended", async () => {
  const sink = createClientSink(tight, AbortSignal.abort());
  sink.write(new Uint8Array(8));
  await sink.ready();
  sink.close();
});

Deno.test("a full sink has room again when its client reads", async () => {
  const sink = createClientSink(tight, new AbortController().signal);
  sink.write(new Uint8Array(8));
  let ready = false;
  const waiting = sink.ready().then(() => ready = true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  equal(ready, false);
  const reader = sink.stream.getReader();
  equal((await reader.read()).value?.length, 8);
  await waiting;
  sink.close();
});

Deno.test("a sink whose client has disconnected accepts everything and keeps nothing", async () => {
  const sink = createClientSink(tight, new AbortController().signal);
  await sink.stream.cancel();
  equal(sink.gone.aborted, true);
  sink.write(new Uint8Array(1_000_000));
  await sink.ready();
  sink.close();
});
