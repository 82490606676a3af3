import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { estimateUsage, readUsage, wireUsage } from "../../functions/_shared/turn/usage.ts";

const read = (usage: object) => {
  const measured = readUsage(usage);
  return measured && [
    measured.usage.input_tokens,
    measured.usage.output_tokens,
    measured.usage.cached_input_tokens,
    measured.usage.cache_write_tokens,
    measured.usage.reasoning_tokens,
  ];
};

Deno.test("readUsage() reads OpenAI's usage, reasoning within the output", () => {
  deepEqual(
    read({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 5, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 30 },
    }),
    [100, 50, 80, 5, 30],
  );
});

Deno.test("readUsage() adds reasoning that a vendor counts beside the completion", () => {
  deepEqual(
    read({
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 150,
      completion_tokens_details: { reasoning_tokens: 30 },
    }),
    [100, 50, 0, 0, 30],
  );
});

Deno.test("readUsage() counts as reasoning what only the total admits", () => {
  deepEqual(read({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 }), [
    10,
    30,
    0,
    0,
    25,
  ]);
});

Deno.test("readUsage() keeps the price that a vendor names, as text", () => {
  const cost = (value: unknown) =>
    readUsage({ prompt_tokens: 1, completion_tokens: 1, cost: value })?.cost;
  equal(cost(0.00014), "0.00014");
  equal(cost(1e-7), "1e-7");
  equal(cost(undefined), null);
  equal(cost(-1), null);
});

for (
  const usage of [null, undefined, "12", {}, { prompt_tokens: -1 }, { prompt_tokens: 1.5 }, {
    prompt_tokens: 1e12,
  }, { prompt_tokens: "7" }]
) {
  Deno.test(`readUsage() does not count ${JSON.stringify(usage)}`, () => {
    equal(readUsage(usage), null);
  });
}

Deno.test("readUsage() never counts parts beyond their whole, whatever a vendor says", () => {
  const count = fc.nat(1_000_000);
  const usage = fc.record({
    prompt_tokens: count,
    completion_tokens: fc.option(count),
    total_tokens: fc.option(count),
    prompt_tokens_details: fc.option(
      fc.record({ cached_tokens: fc.oneof(count, fc.jsonValue()), cache_write_tokens: count }),
    ),
    completion_tokens_details: fc.option(fc.record({ reasoning_tokens: count })),
  });
  fc.assert(fc.property(usage, (value) => {
    const { usage } = readUsage(value)!;
    ok(usage.cached_input_tokens + usage.cache_write_tokens <= usage.input_tokens);
    ok(usage.reasoning_tokens <= usage.output_tokens);
    ok(Object.values(usage).every((part) => typeof part === "boolean" || part >= 0));
  }));
});

Deno.test("estimateUsage() counts a token per four characters of text, not of images", () => {
  const usage = estimateUsage([{ content: "12345678" }, {
    content: [{ url: `data:image/png;base64,${"A".repeat(4000)}` }],
  }], "123456789");
  deepEqual([usage.input_tokens, usage.output_tokens, usage.estimated], [2, 3, true]);
});

Deno.test("wireUsage() says that an estimate is one, and only then", () => {
  equal(wireUsage(estimateUsage([], "x")).estimated, true);
  equal("estimated" in wireUsage(readUsage({ prompt_tokens: 1 })!.usage), false);
});
