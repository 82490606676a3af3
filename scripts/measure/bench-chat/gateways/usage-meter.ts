import { readUsage } from "../../common/process-usage.ts";

/** What one process used; null where it could not be measured. */
export interface ProcessUsage {
  name: string;
  cpuPerTurn: number | null;
  peakBytes: number | null;
}

/** Adds up what processes use while the slices of their way run. */
export interface UsageMeter {
  /** Before a slice. */
  before(way: string): Promise<void>;
  /** After it. @param count How many turns it had. */
  after(way: string, count: number): Promise<void>;
  report(): Promise<ProcessUsage[]>;
}

/** A process by its way and its id, null for an unknown one, and whether its descendants count. */
type Watched = readonly [way: string, processId: number | null, of: "process" | "family"];

/**
 * Makes a meter.
 *
 * @param watched Processes by their names in the report.
 */
export function createUsageMeter(watched: Record<string, Watched>): UsageMeter {
  const spent = new Map<string, number>();
  const turns = new Map<string, number>();
  let marks = new Map<string, number>();
  const runningOn = (way: string) =>
    Object.entries(watched).flatMap(([name, [ofWay, processId, of]]) =>
      ofWay === way && processId !== null ? [{ name, processId, of }] : []
    );
  return {
    async before(way: string): Promise<void> {
      marks = new Map();
      for (const { name, processId, of } of runningOn(way)) {
        const usage = await readUsage(processId, of);
        if (usage) marks.set(name, usage.cpuSeconds);
      }
    },
    async after(way: string, count: number): Promise<void> {
      turns.set(way, (turns.get(way) ?? 0) + count);
      for (const { name, processId, of } of runningOn(way)) {
        const usage = await readUsage(processId, of);
        const mark = marks.get(name);
        if (!usage || mark === undefined) continue;
        spent.set(name, (spent.get(name) ?? 0) + usage.cpuSeconds - mark);
      }
    },
    async report(): Promise<ProcessUsage[]> {
      const report: ProcessUsage[] = [];
      for (const [name, [way, processId, of]] of Object.entries(watched)) {
        if (processId === null) continue;
        const usage = await readUsage(processId, of);
        const cpu = spent.get(name);
        report.push({
          name,
          cpuPerTurn: cpu === undefined ? null : cpu * 1000 / (turns.get(way) ?? NaN),
          peakBytes: usage?.peakBytes ?? null,
        });
      }
      return report;
    },
  };
}
