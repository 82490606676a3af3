import { equal } from "node:assert/strict";
import { terminalText } from "./terminal-text.ts";

Deno.test("terminalText() removes every control sequence, also one that is split between pieces", () => {
  equal(terminalText("\x1b]0;owned\x07\x1b[2J\x1b[31mred"), "]0;owned[2J[31mred");
  equal(terminalText("\x9b2J\x9d0;owned\x9c"), "2J0;owned");
  equal(terminalText("safe\rowned\b\b\x7f"), "safeowned");
  equal(terminalText("\x1b") + terminalText("[2J"), "[2J");
  equal(terminalText("a\u202eb\u2066c\u200fd\u2028e"), "abcde");
});

Deno.test("terminalText() keeps ordinary text", () => {
  const text = "Grüße, 你好,\n\tשלום 👩‍👩‍👧 e\u0301 — fine";
  equal(terminalText(text), text);
});
