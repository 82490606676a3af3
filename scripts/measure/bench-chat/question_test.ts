import assert from "node:assert/strict";
import { isWhole, question, requestBody } from "./question.ts";

Deno.test("an answer counts only if it is complete", () => {
  const whole = JSON.stringify({ choices: [{ message: { content: question } }] });
  assert.ok(isWhole(whole, false));
  assert.ok(!isWhole(whole.slice(0, -1), false));
  assert.ok(isWhole("data: {}\n\ndata: [DONE]\n\n", true));
  assert.ok(!isWhole("data: {}\n\n", true));
  assert.ok(!isWhole('data: {"error":{"message":"cut"}}\n\ndata: [DONE]\n\n', true));
});

Deno.test("a streamed request asks for usage, as a turn with a price needs it", () => {
  assert.deepEqual(JSON.parse(requestBody("echo", true)), {
    model: "echo",
    messages: [{ role: "user", content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
});
