/** A value that may be logged: facts and identifiers, never content or secrets. */
export type LogValue = string | number | boolean | null | undefined;

/** Fields of one log line. */
export type LogFields = Record<string, LogValue>;

/** Writes one structured line. */
export type Log = (level: "info" | "warn" | "error", fields: LogFields) => void;

/**
 * The platform truncates lines at 10,000 characters; one long value must not displace the others.
 */
const MAX_VALUE_LENGTH = 1000;

/**
 * Makes a log that writes one JSON object per line.
 *
 * @param write Takes one line without its newline.
 */
export function createLog(write: (line: string) => void = console.log): Log {
  return (level, fields) => {
    const line: LogFields = { level, time: new Date().toISOString() };
    for (const [name, value] of Object.entries(fields)) {
      line[name] = typeof value === "string" ? value.slice(0, MAX_VALUE_LENGTH) : value;
    }
    write(JSON.stringify(line));
  };
}
