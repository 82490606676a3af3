import type { SseEvent } from "../respond/stream/sse_parser.ts";
import type { Route } from "../turn_database.ts";
import { completionText, createChunkEvents } from "./anthropic_messages/vendor_answer.ts";

/**
 * A vendor's API for conversations in a format of its own. Whatever format a client speaks, its request
 * is written as one of OpenAI's chat first, and answers are read as those of OpenAI's chat: so each
 * format of a client and each of a vendor is translated once, and not each pair of them.
 */
export interface VendorApi {
  /** What follows the vendor's base address, instead of `/chat/completions`. */
  readonly path: string;
  /** Reads an answer that came in one piece as the text of a completion. */
  completionText(text: string): string;
  /** Begins to read a stream: gives the chunks that each event comes to. */
  createChunkEvents(): (event: SseEvent) => SseEvent[];
}

/** OpenAI's path for conversations, which other APIs have another one for. */
const CHAT_PATH = "/chat/completions";

const APIS: ReadonlyMap<string, VendorApi> = new Map([
  ["anthropic", { path: "/messages", completionText, createChunkEvents }],
]);

/** The API of a route in a format of its own; undefined where it has OpenAI's. */
export function vendorApiOf({ api_format }: Pick<Route, "api_format">): VendorApi | undefined {
  return APIS.get(api_format);
}

/**
 * The path of a vendor for what OpenAI has at another one.
 *
 * @returns null where the vendor has nothing like it.
 */
export function vendorPath(route: Pick<Route, "api_format">, path: string): string | null {
  if (route.api_format === "openai") return path;
  const api = vendorApiOf(route);
  if (api && path === CHAT_PATH) return api.path;
  return api && path === "/models" ? path : null;
}
