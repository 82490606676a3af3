import { hostLifetime } from "../core/runtime.ts";
import type { Log } from "../core/log.ts";
import { type CallRecord, type CallRecorder, createCallRecorder } from "../http/call_recorder.ts";
import { asJson, type DataApi } from "./client.ts";
import { createSqlCaller, NOTHING } from "./sql_caller.ts";

/** The recorder of a function, which writes by a client with the secret key. */
export function recordCalls(client: DataApi, log: Log): CallRecorder {
  const call = createSqlCaller(client);
  const send = (calls: readonly CallRecord[]) =>
    call("record_api_usage", { calls: asJson(calls) }, NOTHING);
  return createCallRecorder({ send, log, lifetime: hostLifetime(), now: Date.now });
}
