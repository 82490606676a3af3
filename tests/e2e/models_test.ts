import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { openaiWith, signUp } from "./support/stack.ts";

const SEEDED = [
  "ccrouter/gemini-1.5-flash",
  "ccrouter/gemini-1.5-pro",
  "ccrouter/gemini-2.0-pro",
  "ccrouter/gemini-3.5-flash-lite",
  "ccrouter/gemini-3.8-flash",
  "ccrouter/gemini-4-hydrogen",
  "droid/claude-3-opus",
  "droid/claude-3.5-sonnet",
  "droid/claude-opus-5.5",
  "droid/claude-sonnet-5.5",
  "droid/gpt-4-turbo",
  "droid/gpt-4o",
  "droid/gpt-6-luna",
  "droid/gpt-6.2-sol",
];

Deno.test("the openai client lists the platform's models, and can chat with each", async () => {
  const ann = await signUp("ann");
  const models = [];
  for await (const model of ann.openai.models.list()) models.push(model);
  deepEqual(models.map(({ id }) => id).sort(), SEEDED);
  ok(
    models.every(({ object, owned_by, created }) => object === "model" && owned_by && created > 0),
  );

  for (const { id } of models) {
    const messages = [{ role: "user" as const, content: "Hello." }];
    const { choices } = await ann.openai.chat.completions.create({ model: id, messages });
    ok(choices[0]?.message.content, id);
  }
});

Deno.test("the openai client retrieves a model, whose name has a slash", async () => {
  const ann = await signUp("ann");
  const model = await ann.openai.models.retrieve("droid/gpt-4o");
  deepEqual([model.id, model.object], ["droid/gpt-4o", "model"]);
});

Deno.test("an unknown model and a missing token are refused with the reason", async () => {
  const ann = await signUp("ann");
  await rejects(ann.openai.models.retrieve("droid/gpt-9"), (error) => {
    ok(error instanceof OpenAI.NotFoundError);
    equal(error.code, "model_not_found");
    return true;
  });
  await rejects(
    openaiWith("x").models.list(),
    (error) => error instanceof OpenAI.AuthenticationError,
  );
});
