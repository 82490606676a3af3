import type { Fault } from "../../../tests/e2e/support/fault_upstream.ts";
import type { Random } from "../../common/random.ts";

/** One call: what goes wrong upstream, and what the client does. */
export interface Plan {
  fault: Fault;
  /** Calls that fail before the upstream recovers; undefined: all. */
  times: number | undefined;
  /** Asks for an embedding instead of a chat. */
  embeds: boolean;
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

/** Decides calls; all clients share one, so that streams are cut at every byte in turn. */
export interface Planner {
  plan(random: Random): Plan;
}

/** Makes a planner for streams of so many bytes. */
export function createPlanner(streamBytes: number): Planner {
  let cuts = 0;
  return { plan: (random) => planCall(random, streamBytes, () => cuts++ % streamBytes) };
}

function planCall(random: Random, streamBytes: number, nextCut: () => number): Plan {
  const at = random.below(streamBytes);
  const fault = random.weighted<Fault>([
    [60, { kind: "none" }],
    [4, { kind: "late", ms: random.below(200) }],
    [3, { kind: "reset" }],
    [1, { kind: "hang", ms: 1_500 }],
    [1, { kind: "stall", at, ms: 1_500 }],
    [20, { kind: "cut", at }],
    [4, { kind: "end", at }],
    [3, { kind: "drip", ms: 4 }],
    [1, { kind: "noise" }],
    [2, { kind: "garbage" }],
    [4, { kind: "reported", at }],
    [3, { kind: "status", status: 429, retryAfter: random.below(2) }],
    [2, { kind: "status", status: 500 }],
    [2, { kind: "status", status: 503 }],
    [2, { kind: "status", status: 529 }],
    [1, { kind: "status", status: 400 }],
  ]);
  const isCut = fault.kind === "cut";
  const embeds = !isCut && random.percent(15);
  const prompt = 1 + random.below(3_000);
  const leaves = random.percent(15);
  return {
    fault: isCut ? { kind: "cut", at: nextCut() } : fault,
    times: random.percent(85) ? 1 : undefined,
    embeds,
    stream: !embeds && (isCut || random.percent(60)),
    leavesAfter: leaves && random.percent(50) ? random.below(120) : null,
    leavesAt: leaves ? random.below(streamBytes) : null,
    repeats: random.percent(35),
    continues: !embeds && random.percent(40),
    usage: embeds
      ? { prompt, completion: 0, cached: 0 }
      : { prompt, completion: 1 + random.below(900), cached: random.below(prompt) },
  };
}
