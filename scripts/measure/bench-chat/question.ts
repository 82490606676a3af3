/** What every client asks; the model repeats it, so that an answer has twenty words. */
export const question =
  "The quick brown fox jumps over the lazy dog while ten small cats watch from the warm roof above";

/** The body of a request to chat. */
export function requestBody(model: string, stream: boolean): string {
  return JSON.stringify({
    model,
    messages: [{ role: "user", content: question }],
    ...stream && { stream: true, stream_options: { include_usage: true } },
  });
}

/** Whether an answer came in full: all words, and the end of its stream where it is one. */
export function isWhole(text: string, stream: boolean): boolean {
  if (stream) return text.trimEnd().endsWith("data: [DONE]") && !text.includes('"error"');
  return text.includes(question) && text.trimEnd().endsWith("}");
}
