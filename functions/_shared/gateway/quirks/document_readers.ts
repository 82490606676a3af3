import type { Route, Turn } from "../turn_database.ts";

/*
 * For models without document support, OpenRouter reads PDFs with mistral-ocr, which is billed by
 * the page. Its plugin `file-parser` selects the reader; with "native", only tokens are billed, and
 * models without document support refuse the request. From openrouter.ai/docs, "PDF Inputs", 30
 * November 2026.
 */

const NATIVE = { plugins: [{ id: "file-parser", pdf: { engine: "native" } }] };

/**
 * The fields that make sure that a route bills documents by tokens only; empty if none are needed.
 */
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
