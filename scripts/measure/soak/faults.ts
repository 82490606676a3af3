import type { Fault } from "../../../tests/e2e/support/fault_upstream.ts";
import type { Chance } from "../../common/chance.ts";

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
  plan(chance: Chance): Plan;
}

/** Makes a planner for streams of so many bytes. */
export function createPlanner(streamBytes: number): Planner {
  let cuts = 0;
  return { plan: (chance) => planCall(chance, streamBytes, () => cuts++ % streamBytes) };
}

function planCall(chance: Chance, streamBytes: number, nextCut: () => number): Plan {
  const at = chance.below(streamBytes);
  const fault = chance.weighted<Fault>([
    [60, { kind: "none" }],
    [4, { kind: "late", ms: chance.below(200) }],
    [3, { kind: "reset" }],
    [1, { kind: "hang", ms: 1_500 }],
    [1, { kind: "stall", at, ms: 1_500 }],
    [20, { kind: "cut", at }],
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
  const isCut = fault.kind === "cut";
  const embeds = !isCut && chance.percent(15);
  const prompt = 1 + chance.below(3_000);
  const leaves = chance.percent(15);
  return {
    fault: isCut ? { kind: "cut", at: nextCut() } : fault,
    times: chance.percent(85) ? 1 : undefined,
    embeds,
    stream: !embeds && (isCut || chance.percent(60)),
    leavesAfter: leaves && chance.percent(50) ? chance.below(120) : null,
    leavesAt: leaves ? chance.below(streamBytes) : null,
    repeats: chance.percent(35),
    continues: !embeds && chance.percent(40),
    usage: embeds
      ? { prompt, completion: 0, cached: 0 }
      : { prompt, completion: 1 + chance.below(900), cached: chance.below(prompt) },
  };
}
