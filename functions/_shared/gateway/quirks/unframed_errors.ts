/*
 * Errors that end a stream in no event: llama.cpp's server wrote `error: {…}` where `data:` belongs (its
 * server.cpp until 2025), Ollama writes {"error": "…"} as a line of its own (its streamResponse()). As
 * unknown fields they would be ignored, and the answer would seem to be cut off by an outage.
 */

/** The error in a line that is no field of an event; null where there is none. */
export function errorLine(line: string): string | null {
  const text = line.replace(/^error:\s*/, "");
  const isError = text === line ? /^\{\s*"error"\s*:\s*["{]/.test(line) : text.startsWith("{");
  return isError ? text : null;
}
