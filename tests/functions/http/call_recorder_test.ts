import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type CallRecord,
  type CallRecorderOptions,
  createCallRecorder,
  RECORDER_LIMITS,
} from "../../../functions/_shared/http/call_recorder.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { operations } from "../../../functions/models/operations.ts";
import { respond } from "../../../functions/_shared/http/respond.ts";

const call = (changes: Partial<CallRecord> = {}): CallRecord => ({
  user_id: "00000000-0000-4000-8000-00000000000e",
  agent_id: null,
  endpoint: "/models",
  method: "GET",
  status_code: 200,
  response_time_ms: 3,
  cost_usd: null,
  created_at: "2026-01-01T00:00:00.000Z",
  ...changes,
});

/**
 * A recorder with a host that keeps its background work, and a database that accepts every batch.
 */
function createRecorder(options: Partial<CallRecorderOptions> = {}) {
  const sent: (readonly CallRecord[])[] = [];
  const kept: Promise<unknown>[] = [];
  const lines: LogFields[] = [];
  const stop = new AbortController();
  const recorder = createCallRecorder({
    send: (calls) => {
      sent.push(calls);
      return Promise.resolve();
    },
    lifetime: { shutdown: stop.signal, waitUntil: (work) => void kept.push(work) },
    log: (_level, fields) => void lines.push(fields),
    now: Date.now,
    ...options,
    limits: { waitMs: 20, ...options.limits },
  });
  return { recorder, sent, lines, stop, kept, settled: () => Promise.all(kept) };
}

Deno.test("concurrent calls are written together, in order", async () => {
  const { recorder, sent, settled, kept } = createRecorder();
  for (const status_code of [200, 404, 500]) recorder.record(call({ status_code }));
  equal(sent.length, 0);
  await settled();
  deepEqual(sent.map((calls) => calls.map(({ status_code }) => status_code)), [[200, 404, 500]]);
  recorder.record(call());
  await settled();
  deepEqual([sent.length, kept.length], [2, 2]);
});

Deno.test("a full batch does not wait for more", async () => {
  const { recorder, sent, settled } = createRecorder({ limits: { batch: 3, waitMs: 60_000 } });
  for (let count = 0; count < 7; count++) recorder.record(call());
  await settled();
  deepEqual(sent.map((calls) => calls.length), [3, 3, 1]);
});

Deno.test("pending records are written at once when the host stops", async () => {
  const { recorder, sent, settled, stop } = createRecorder({ limits: { waitMs: 60_000 } });
  recorder.record(call());
  stop.abort();
  await settled();
  equal(sent.length, 1);
  recorder.record(call());
  await settled();
  equal(sent.length, 2);
});

Deno.test("a bounded number of records waits while the database does not answer", async () => {
  const answer = Promise.withResolvers<void>();
  const sent: number[] = [];
  const { recorder, settled, lines } = createRecorder({
    limits: { batch: 2, waiting: 5 },
    send: (calls) => {
      sent.push(calls.length);
      return answer.promise;
    },
  });
  recorder.record(call());
  recorder.record(call());
  while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  for (let count = 0; count < 20; count++) recorder.record(call());
  answer.resolve();
  await settled();
  deepEqual([sent, lines.map((line) => [line.event, line.calls])], [
    [2, 2, 2, 1],
    [["calls_not_recorded", 15]],
  ]);
});

Deno.test("records that the database refuses are dropped, logged once, and block nothing", async () => {
  let asked = 0;
  const { recorder, settled, lines } = createRecorder({
    send: () => asked++ === 0 ? Promise.reject(new Error("markerhush")) : Promise.resolve(),
  });
  recorder.record(call());
  await settled();
  deepEqual(lines, [{ event: "calls_not_recorded", calls: 1 }]);
  recorder.record(call());
  await settled();
  deepEqual([asked, lines.length], [2, 1]);
});

Deno.test("anonymous calls cannot fill the table", async () => {
  let time = 0;
  const { recorder, sent, settled } = createRecorder({ now: () => time, limits: { strangers: 5 } });
  for (let count = 0; count < 50; count++) {
    recorder.record(call({ user_id: null, status_code: 401 }));
  }
  recorder.record(call());
  await settled();
  deepEqual(sent.map((calls) => calls.length), [6]);
  time = 60_000;
  recorder.record(call({ user_id: null }));
  await settled();
  equal(sent[1]?.length, 1);
  ok(RECORDER_LIMITS.strangers > 0);
});

Deno.test("a host without waitUntil loses no record while it runs", async () => {
  const { recorder, sent } = createRecorder({
    lifetime: { shutdown: new AbortController().signal },
  });
  recorder.record(call());
  while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  equal(sent[0]?.length, 1);
});

Deno.test("a request is recorded with its route and outcome", async () => {
  const records: CallRecord[] = [];
  let time = Date.parse("2026-01-01T00:00:00Z");
  const later = Promise.withResolvers<void>();
  const deps = {
    log: () => {},
    now: () => time,
    calls: { record: (record: CallRecord) => void records.push(record) },
  };
  const send = (path: string, method = "GET") =>
    respond(new Request(`http://127.0.0.1${path}`, { method }), "models", operations, {
      retrieve: (_request, { fields, until }) => {
        Object.assign(fields, { user_id: "u", agent_id: "a" });
        until(later.promise.then(() => void (fields.cost_usd = "0.01")));
        return Response.json({});
      },
      list: () => Promise.reject(new Error("x")),
    }, deps);

  await send("/models/a%20name@example.com?q=secret");
  equal(records.length, 0);
  time += 40;
  later.resolve();
  while (records.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  deepEqual(records.splice(0), [{
    user_id: "u",
    agent_id: "a",
    endpoint: "/models/{id+}",
    method: "GET",
    status_code: 200,
    response_time_ms: 40,
    cost_usd: "0.01",
    created_at: "2026-01-01T00:00:00.000Z",
  }]);

  await send("/models");
  await send("/nowhere/name@example.com");
  await send("/models", "DELETE");
  await send("/models", "made-up");
  await send("/models", "OPTIONS");
  deepEqual(
    records.map(({ endpoint, method, status_code, user_id }) => [
      endpoint,
      method,
      status_code,
      user_id,
    ]),
    [
      ["/models", "GET", 500, null],
      ["/models/*", "GET", 404, null],
      ["/models/*", "DELETE", 405, null],
      ["/models/*", "OTHER", 405, null],
    ],
  );
});
