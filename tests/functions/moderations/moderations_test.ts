import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { handleModerations } from "../../../functions/moderations/handler.ts";
import { startOpenai } from "../support/openai_fixture.ts";
import type { Received } from "../support/upstream_server.ts";

const verdict = (flagged: boolean) => ({
  flagged,
  categories: { violence: flagged },
  category_scores: { violence: flagged ? 0.9 : 0.01 },
  category_applied_input_types: { violence: ["text"] },
});
/** One result for each text; the parts of a message get one together. */
const judge = ({ body: { input } }: Received) =>
  Response.json({
    id: "modr-1",
    model: "omni-moderation-2024-09-26",
    results: (Array.isArray(input) && typeof input[0] === "string" ? input : [input]).map((one) =>
      verdict(JSON.stringify(one).includes("kill"))
    ),
  });

const inputs: Record<string, [input: never, flags: boolean[]]> = {
  "a text": ["I will kill you" as never, [true]],
  "texts": [["hello", "kill", "bye"] as never, [false, true, false]],
  "parts": [
    [{ type: "text", text: "hi" }, {
      type: "image_url",
      image_url: { url: "data:image/png;base64,AA" },
    }] as never,
    [false],
  ],
};
for (const [what, [input, flags]] of Object.entries(inputs)) {
  Deno.test(`OpenAI's client gets a moderation of ${what}`, async () => {
    await using moderations = startOpenai(handleModerations, judge);
    const answer = await moderations.openai.moderations.create({ input });
    deepEqual(answer.results.map(({ flagged }) => flagged), flags);
    deepEqual([answer.id, answer.model], ["modr-1", "gpt-4o"]);
    deepEqual(moderations.chat.upstream.received[0]?.body, { model: "openai/gpt-4o", input });
    const { request, outcomes } = moderations.chat.database.turns[0]!;
    deepEqual([request.kind, request.session_id, request.model, outcomes[0]?.content], [
      "moderation",
      null,
      "openai/omni-moderation-latest",
      null,
    ]);
    ok(outcomes[0]!.usage!.estimated && outcomes[0]!.usage!.input_tokens > 0);
  });
}

const names: [asked: string | undefined, meant: string][] = [
  [undefined, "openai/omni-moderation-latest"],
  ["omni-moderation-latest", "openai/omni-moderation-latest"],
  ["text-moderation-stable", "openai/text-moderation-stable"],
  ["guard/strict", "guard/strict"],
];
Deno.test("OpenAI's model names, and no name at all, select OpenAI's moderation", async () => {
  for (const [model, meant] of names) {
    await using moderations = startOpenai(handleModerations, judge);
    await moderations.openai.moderations.create({ input: "x", ...model && { model } });
    equal(moderations.chat.database.turns[0]?.request.model, meant);
  }
});

const wrong: Record<string, object> = {
  "fewer judgements than texts": { id: "x", model: "m", results: [verdict(false)] },
  "nothing": { id: "x", model: "m", results: [] },
  "a judgement without a verdict": {
    results: [{ categories: {} }, verdict(false)],
  },
  "an error in a 200": { error: { message: "x" } },
};
for (const [what, answer] of Object.entries(wrong)) {
  Deno.test(`a moderation vendor that answers ${what} is a 502`, async () => {
    await using moderations = startOpenai(handleModerations, () => Response.json(answer));
    const asked = moderations.openai.moderations.create({ input: ["a", "b"] });
    await rejects(asked, { status: 502 });
    equal((await moderations.chat.database.settled()).state, "failed");
  });
}

const refused: [body: object, param: string][] = [
  [{}, "input"],
  [{ input: [] }, "input"],
  [{ input: [1] }, "input"],
  [{ input: [{ type: "audio" }] }, "input"],
  [{ input: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] }, "input"],
  [{ input: "x", model: 1 }, "model"],
];
Deno.test("moderation refuses invalid requests, and names the field", async () => {
  await using moderations = startOpenai(handleModerations, judge);
  for (const [body, param] of refused) {
    const error = await moderations.openai.post("/moderations", { body }).then(
      () => ok(false, JSON.stringify(body)),
      (error) => error,
    );
    deepEqual([error.status, String(error.param).replace(/[.[].*/, "")], [400, param]);
  }
  equal(moderations.chat.database.turns.length, 0);
});

Deno.test("moderation answers any JSON with a 2xx or 4xx", async () => {
  await using moderations = startOpenai(handleModerations, judge);
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (input, model) => {
    const response = await moderations.fetch("http://127.0.0.1/moderations", {
      method: "POST",
      body: JSON.stringify({ input, model }),
    });
    await response.body?.cancel();
    ok(response.status < 500, String(response.status));
  }));
});
