import type { SseEvent } from "../respond/stream/sse_event.ts";
import type { Route } from "../turn_database.ts";
import { completionText } from "./anthropic_messages/vendor_answer.ts";
import { createChunkEvents } from "./anthropic_messages/vendor_stream.ts";
import * as gemini from "./gemini/vendor_answer.ts";

/**
 * A vendor's conversation API with its own format. OpenAI's chat format is the common form:
 * requests of every client format are converted to it, and answers of every vendor format. So each
 * format needs one translation, rather than each pair of formats.
 */
export interface VendorApi {
  /**
   * The path after the vendor's base address, instead of `/chat/completions`.
   *
   * @param stream Whether the answer is to be streamed.
   */
  path(model: string, stream: boolean): string;
  /** Fields of a request that are part of its path, and not of its body. */
  readonly inPath?: readonly string[];
  /** Reads an answer that came in one piece as the text of a completion. */
  completionText(text: string): string;
  /** Starts to read a stream: translates each event into chunks. */
  createChunkEvents(): (event: SseEvent) => SseEvent[];
}

/** OpenAI's path for conversations, for which other APIs have their own. */
const CHAT_PATH = "/chat/completions";

const APIS: ReadonlyMap<string, VendorApi> = new Map([
  ["anthropic", { path: () => "/messages", completionText, createChunkEvents }],
  ["gemini", { path: geminiPath, inPath: ["model", "stream"], ...gemini }],
]);

function geminiPath(model: string, stream: boolean): string {
  const call = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return `/models/${encodeURIComponent(model)}:${call}`;
}

/** The API of a route with its own format; undefined for OpenAI's. */
export function vendorApiOf({ api_format }: Pick<Route, "api_format">): VendorApi | undefined {
  return APIS.get(api_format);
}

/**
 * The path of a vendor with its own API.
 *
 * @param stream Whether the answer is to be streamed.
 * @returns null if the vendor has no equivalent.
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
