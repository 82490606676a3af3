import type { SseEvent } from "../respond/stream/sse_event.ts";
import type { Route } from "../turn_database.ts";
import * as anthropic from "./anthropic_messages/vendor_answer.ts";
import * as gemini from "./gemini/vendor_answer.ts";

/**
 * A vendor's API for conversations in a format of its own. Whatever format a client speaks, its request
 * is written as one of OpenAI's chat first, and answers are read as those of OpenAI's chat: so each
 * format of a client and each of a vendor is translated once, and not each pair of them.
 */
export interface VendorApi {
  /**
   * What follows the vendor's base address, instead of `/chat/completions`.
   *
   * @param stream Whether the answer is to be streamed.
   */
  path(model: string, stream: boolean): string;
  /** Fields of a request that its path says, and its body does not. */
  readonly inPath?: readonly string[];
  /** Reads an answer that came in one piece as the text of a completion. */
  completionText(text: string): string;
  /** Begins to read a stream: gives the chunks that each event comes to. */
  createChunkEvents(): (event: SseEvent) => SseEvent[];
}

/** OpenAI's path for conversations, which other APIs have another one for. */
const CHAT_PATH = "/chat/completions";

const APIS: ReadonlyMap<string, VendorApi> = new Map([
  ["anthropic", { path: () => "/messages", ...anthropic }],
  ["gemini", { path: geminiPath, inPath: ["model", "stream"], ...gemini }],
]);

function geminiPath(model: string, stream: boolean): string {
  const call = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return `/models/${encodeURIComponent(model)}:${call}`;
}

/** The API of a route in a format of its own; undefined where it has OpenAI's. */
export function vendorApiOf({ api_format }: Pick<Route, "api_format">): VendorApi | undefined {
  return APIS.get(api_format);
}

/**
 * The path of a vendor for what OpenAI has at another one.
 *
 * @param stream Whether the answer is to be streamed.
 * @returns null where the vendor has nothing like it.
 */
export function vendorPath(
  route: Pick<Route, "api_format" | "model">,
  path: string,
  stream: boolean,
): string | null {
  if (route.api_format === "openai") return path;
  const api = vendorApiOf(route);
  if (api && path === CHAT_PATH) return api.path(route.model, stream);
  return api && path === "/models" ? path : null;
}
