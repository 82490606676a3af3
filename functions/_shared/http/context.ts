import type { LogFields } from "../core/log.ts";
import type { ServerTiming } from "./server_timing.ts";

/** The state of a request besides the request itself. */
export interface RequestContext {
  /** Unique per request; sent as `x-request-id`. */
  readonly requestId: string;
  /** The parameters of the path, decoded: `id` of `/keys/{id}`. */
  readonly params: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch at which the request came in. */
  readonly startedAt: number;
  /** Headers of the answer, whether it succeeds or not. */
  readonly headers: Headers;
  /** Fields of the request's one log line. */
  readonly fields: LogFields;
  /** Holds the log line back until work that outlives the answer has added its fields. */
  until(work: Promise<unknown>): void;
  /** Measures a phase of the request, for the header `server-timing` and the log. */
  readonly measure: ServerTiming["measure"];
}
