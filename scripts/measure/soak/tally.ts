import type { Fault } from "../../../tests/e2e/support/fault_upstream.ts";

/** Counts what happens. */
export interface Tally {
  fault(fault: Fault): void;
  /** A turn began. */
  began(): void;
  /** An earlier answer was repeated. */
  repeated(): void;
  /** An answer came to its end. Status 0: there was none. */
  answered(status: number, milliseconds: number): void;
  /** The client left before the end. */
  left(): void;
  /** Turns that have begun, as far as clients know. */
  turns(): number;
  /** For a person. */
  lines(seconds: number): string[];
}

/** Begins at nothing. */
export function createTally(): Tally {
  const faults = new Map<string, number>();
  const statuses = new Map<string, number>();
  const times: number[] = [];
  let turns = 0;
  let repeats = 0;
  let disconnects = 0;
  const count = (counts: Map<string, number>, name: string) =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    fault: (fault) => count(faults, fault.kind === "status" ? `${fault.status}` : fault.kind),
    began: () => void turns++,
    repeated: () => void repeats++,
    answered(status, milliseconds) {
      count(statuses, status === 0 ? "no answer" : `${status}`);
      times.push(milliseconds);
    },
    left: () => void disconnects++,
    turns: () => turns,
    lines(seconds) {
      const sorted = times.toSorted((a, b) => a - b);
      const quantile = (share: number) =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      return [
        `turns begun   ${turns} in ${seconds.toFixed(0)} s: ${
          (turns / seconds).toFixed(1)
        } a second`,
        `faults        ${inOrder(faults)}`,
        `answers       ${
          inOrder(statuses)
        }; ${repeats} were replays; ${disconnects} clients disconnected before the end`,
        `time          p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, longest ${
          quantile(1)
        } ms`,
      ];
    },
  };
}

function inOrder(counts: Map<string, number>): string {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name, n]) => `${n} ${name}`).join(
    ", ",
  );
}
