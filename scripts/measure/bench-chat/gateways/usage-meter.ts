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

/**
 * Makes a meter.
 *
 * @param watched Processes by their names in the report, each with its way; null for an unknown id.
 */
export function createUsageMeter(
  watched: Record<string, readonly [string, number | null]>,
): UsageMeter {
  const spent = new Map<string, number>();
  const turns = new Map<string, number>();
  let marks = new Map<string, number>();
  const of = (way: string) =>
    Object.entries(watched).flatMap(([name, [of, processId]]) =>
      of === way && processId !== null ? [{ name, processId }] : []
    );
  return {
    async before(way: string): Promise<void> {
      marks = new Map();
      for (const { name, processId } of of(way)) {
        const usage = await readUsage(processId);
        if (usage) marks.set(name, usage.cpuSeconds);
      }
    },
    async after(way: string, count: number): Promise<void> {
      turns.set(way, (turns.get(way) ?? 0) + count);
      for (const { name, processId } of of(way)) {
        const usage = await readUsage(processId);
        const mark = marks.get(name);
        if (!usage || mark === undefined) continue;
        spent.set(name, (spent.get(name) ?? 0) + usage.cpuSeconds - mark);
      }
    },
    async report(): Promise<ProcessUsage[]> {
      const report: ProcessUsage[] = [];
      for (const [name, [way, processId]] of Object.entries(watched)) {
        if (processId === null) continue;
        const usage = await readUsage(processId);
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
