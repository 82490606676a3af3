import type { Route, Turn } from "../turn_database.ts";

/*
 * OpenRouter has a PDF read by mistral-ocr, billed by the page, where the model takes no documents. Its
 * plugin file-parser names the reader; "native" costs the document's tokens, and a model that takes none
 * refuses. From openrouter.ai/docs, "PDF Inputs", 30 November 2026.
 */

const NATIVE = { plugins: [{ id: "file-parser", pdf: { engine: "native" } }] };

/** What a route is sent so that documents cost no more than their tokens; empty where they do not. */
export function documentReader(
  { credential, base_url }: Pick<Route, "credential" | "base_url">,
  messages: Turn["messages"],
): { plugins?: object[] } {
  const isOpenRouter = /^https:\/\/([a-z]+\.)?openrouter\.ai\//.test(base_url ?? "");
  return credential !== "own" && isOpenRouter && messages.some(hasDocument) ? NATIVE : {};
}

function hasDocument({ content }: Turn["messages"][number]): boolean {
  return Array.isArray(content) && content.some((part) => Object(part).type === "file");
}
