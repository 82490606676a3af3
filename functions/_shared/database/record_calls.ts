import { hostLifetime } from "../core/runtime.ts";
import type { Log } from "../core/log.ts";
import { type CallRecord, type CallRecorder, createCallRecorder } from "../http/call_recorder.ts";
import { asJson } from "./client.ts";
import { NOTHING, type SqlCaller } from "./sql_caller.ts";

/** The recorder of a function. */
export function recordCalls(call: SqlCaller, log: Log): CallRecorder {
  const send = (calls: readonly CallRecord[]) =>
    call("record_api_usage", { calls: asJson(calls) }, NOTHING);
  return createCallRecorder({ send, log, lifetime: hostLifetime(), now: Date.now });
}
