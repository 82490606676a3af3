import type { Fault } from "../../tests/e2e/support/fault_upstream.ts";
import type { Chance } from "./chance.ts";

/** One call: what goes wrong upstream, and what the client does. */
export interface Plan {
  fault: Fault;
  /** Calls that fail before the upstream recovers; undefined: all. */
  times: number | undefined;
  stream: boolean;
  /** Milliseconds after which the client leaves; null: it stays. */
  leavesAfter: number | null;
  /** Bytes of the answer after which it leaves; null: it stays. */
  leavesAt: number | null;
  /** Has an Idempotency-Key, and repeats the call with it. */
  repeats: boolean;
  /** Goes on with its last conversation. */
  continues: boolean;
  usage: { prompt: number; completion: number; cached: number };
}

/** Bytes of a stream of the upstream, about; cuts lie in it. */
const STREAM_BYTES = 1_900;

/** Decides one call. */
export function planCall(chance: Chance): Plan {
  const at = chance.below(STREAM_BYTES);
  const fault = chance.weighted<Fault>([
    [60, { kind: "none" }],
    [4, { kind: "late", ms: chance.below(200) }],
    [3, { kind: "reset" }],
    [1, { kind: "hang", ms: 1_500 }],
    [1, { kind: "stall", at, ms: 1_500 }],
    [8, { kind: "cut", at }],
    [4, { kind: "end", at }],
    [3, { kind: "drip", ms: 4 }],
    [1, { kind: "noise" }],
    [2, { kind: "garbage" }],
    [4, { kind: "reported", at }],
    [3, { kind: "status", status: 429, retryAfter: chance.below(2) }],
    [2, { kind: "status", status: 500 }],
    [2, { kind: "status", status: 503 }],
    [2, { kind: "status", status: 529 }],
    [1, { kind: "status", status: 400 }],
  ]);
  const prompt = 1 + chance.below(3_000);
  const leaves = chance.percent(15);
  return {
    fault,
    times: chance.percent(70) ? 1 : undefined,
    stream: chance.percent(60),
    leavesAfter: leaves && chance.percent(50) ? chance.below(120) : null,
    leavesAt: leaves ? chance.below(STREAM_BYTES) : null,
    repeats: chance.percent(35),
    continues: chance.percent(40),
    usage: { prompt, completion: 1 + chance.below(900), cached: chance.below(prompt) },
  };
}
