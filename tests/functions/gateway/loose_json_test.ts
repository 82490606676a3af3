import { deepEqual, throws } from "node:assert/strict";
import { parseLenient } from "../../../functions/_shared/gateway/quirks/loose_json.ts";

Deno.test("text after a JSON object is ignored, and an unterminated text is scanned once", () => {
  const read: [text: string, value: unknown][] = [
    ['{"a": "}"} <!-- proxy -->', { a: "}" }],
    ['\uFEFF{"a": ["\\"]", NaN, -Infinity]}', { a: ['"]', null, null] }],
    ['{"a": "NaN \\\\"} x', { a: "NaN \\" }],
  ];
  for (const [text, value] of read) deepEqual(parseLenient(text), value, text);
  // This would take minutes if parsing started again at each quote.
  const endless = `{"${'\\"'.repeat(300_000)}`;
  for (const text of [endless, '{"a": 1} {"b": 2}', '{"a": [1}', "{"]) {
    throws(() => parseLenient(text), SyntaxError);
  }
});
