import type { LogFields } from "../core/log.ts";

/** How long the parts of a request took. */
export interface ServerTiming {
  /** Measures some work; the times of phases with one name add up. */
  measure<Value>(name: string, work: () => Promise<Value>): Promise<Value>;
  /** The phases that have ended, as the header `server-timing` names them; empty without any. */
  header(): string;
  /** The same for the log: `begin_ms`. */
  fields(): LogFields;
}

/**
 * Makes an empty record.
 *
 * @param now Milliseconds of a clock that never goes back.
 */
export function createServerTiming(now: () => number = () => performance.now()): ServerTiming {
  const phases = new Map<string, number>();
  const rounded = () =>
    [...phases].map(([name, duration]) => [name, Math.round(duration * 10) / 10] as const);
  return {
    async measure(name, work) {
      const startedAt = now();
      try {
        return await work();
      } finally {
        phases.set(name, (phases.get(name) ?? 0) + now() - startedAt);
      }
    },
    header: () => rounded().map(([name, duration]) => `${name};dur=${duration}`).join(", "),
    fields: () => Object.fromEntries(rounded().map(([name, duration]) => [`${name}_ms`, duration])),
  };
}
