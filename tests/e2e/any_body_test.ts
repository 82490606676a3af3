import { ok } from "node:assert/strict";
import fc from "fast-check";
import { openDatabase, signUp, stack } from "./support/stack.ts";

// Mostly bodies that pass our validation, so that they reach the database and the model.
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const rarely = <Value>(usual: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue() });
const part = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.oneof(text, fc.jsonValue()) }),
  fc.record({ type: text, image_url: fc.jsonValue() }, { requiredKeys: ["type"] }),
);
const content = fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }));
const call = fc.record({
  id: text,
  type: fc.constant("function"),
  function: fc.record({ name: text, arguments: text }),
  extra: fc.jsonValue(),
});
const said = fc.record({
  role: fc.constantFrom("system", "developer", "user"),
  content: rarely(content),
  name: rarely(text),
  audio: fc.jsonValue(),
}, { requiredKeys: ["role", "content"] });
const answered = fc.record({
  role: fc.constant("assistant"),
  content: rarely(fc.option(content)),
  tool_calls: rarely(fc.option(fc.array(call, { maxLength: 2 }))),
  refusal: fc.option(text),
}, { requiredKeys: ["role"] });
const called = fc.record({ role: fc.constant("tool"), content, tool_call_id: rarely(text) });
const body = fc.record({
  model: rarely(fc.constantFrom("gpt-4o", "droid/gpt-4o", "ccrouter", "nothing")),
  messages: fc.array(fc.oneof(said, answered, called), { minLength: 1, maxLength: 3 }),
  metadata: fc.record({ title: text, other: fc.jsonValue() }, { requiredKeys: [] }),
  max_tokens: rarely(fc.integer({ min: 1, max: 3 })),
  temperature: rarely(fc.double({ min: 0, max: 2, noNaN: true })),
  tools: fc.oneof(fc.constant(null), fc.constant([])),
  stream: fc.boolean(),
}, { requiredKeys: ["messages", "max_tokens", "model"] });

Deno.test("no body makes the stack fail or leaves a turn open", async () => {
  const ann = await signUp("ann");
  const headers = { authorization: `Bearer ${ann.accessToken}` };
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const response = await fetch(`${stack.FUNCTIONS_URL}/chat/completions`, {
        method: "POST",
        headers,
        body: JSON.stringify(value),
      });
      const answer = await response.text();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      ok(response.status < 500, `${response.status}: ${answer}`);
    }),
    { numRuns: 150 },
  );
  ok(seen.get(200) && seen.get(400) && seen.get(404), JSON.stringify([...seen]));

  await using database = openDatabase();
  const open = await database.sql`
    select id from private.running_turns where user_id = ${ann.id}`;
  ok(open.length === 0, `${open.length} turns are still running`);
});
