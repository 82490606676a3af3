import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { wireUsage } from "../../../functions/_shared/gateway/formats/openai_chat/usage.ts";
import { readUsage } from "../../../functions/_shared/gateway/quirks/usage_shapes.ts";
import { countUsage, estimateUsage } from "../../../functions/_shared/gateway/token_estimate.ts";

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

Deno.test("readUsage() counts as reasoning what only the total includes", () => {
  deepEqual(read({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 }), [
    10,
    30,
    0,
    0,
    25,
  ]);
});

Deno.test("readUsage() gives no discount for cached tokens that contradict the prompt", () => {
  const cached = (cached_tokens: number, total_tokens?: number) =>
    read({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens,
      prompt_tokens_details: { cached_tokens },
    });
  deepEqual(cached(1000), [10, 5, 0, 0, 0]);
  deepEqual(cached(1000, 15), [10, 5, 0, 0, 0]);
  deepEqual(cached(1000, 40), [10, 5, 0, 0, 0], "nor is what the total has made up to reasoning");
  deepEqual(cached(10, 15), [10, 5, 10, 0, 0]);
});

Deno.test("readUsage() counts cached tokens beside the prompt where the total does", () => {
  const details = { prompt_tokens_details: { cached_tokens: 1000 } };
  const usage = { prompt_tokens: 10, completion_tokens: 5, ...details };
  deepEqual(read({ ...usage, total_tokens: 1015 }), [1010, 5, 1000, 0, 0]);
  deepEqual(read({ ...usage, total_tokens: 1035 }), [1010, 25, 1000, 0, 20]);
});

Deno.test("readUsage() counts Anthropic's cached tokens beside its input", () => {
  const cache = { cache_read_input_tokens: 700, cache_creation_input_tokens: 300 };
  deepEqual(read({ input_tokens: 10, output_tokens: 5, ...cache }), [1010, 5, 700, 300, 0]);
  deepEqual(read({ input_tokens: 2000, output_tokens: 5, ...cache }), [3000, 5, 700, 300, 0]);
  deepEqual(read({ input_tokens: 10, output_tokens: 5, cache_read_input_tokens: null }), [
    10,
    5,
    0,
    0,
    0,
  ]);
  equal(
    readUsage({ input_tokens: 1_000_000_000, output_tokens: 1, cache_read_input_tokens: 1 }),
    null,
    "more than can be",
  );
});

Deno.test("readUsage() finds Anthropic's cached tokens where a gateway put them", () => {
  const cache = { cache_read_input_tokens: 700, cache_creation_input_tokens: 300 };
  const gateway = (prompt_tokens: number, total_tokens?: number, more: object = {}) =>
    read({ prompt_tokens, completion_tokens: 5, total_tokens, ...cache, ...more });
  deepEqual(gateway(1010, 1015), [1010, 5, 700, 300, 0], "within the prompt");
  deepEqual(gateway(1010), [1010, 5, 700, 300, 0], "within the prompt, without a total");
  deepEqual(gateway(10, 1015), [1010, 5, 700, 300, 0], "beside it, as the total says");
  deepEqual(gateway(2000, 3005), [3000, 5, 700, 300, 0], "beside it, though they would fit");
  deepEqual(gateway(10, 15), [10, 5, 0, 0, 0], "in contradiction to it");
  const twice = { prompt_tokens_details: { cached_tokens: 700 } };
  deepEqual(gateway(1010, 1015, twice), [1010, 5, 700, 300, 0], "twice, counted once");
});

Deno.test("readUsage() keeps the price that a vendor names, as text", () => {
  const cost = (value: unknown) =>
    readUsage({ prompt_tokens: 1, completion_tokens: 1, cost: value })?.cost;
  equal(cost(0.00014), "0.00014");
  equal(cost(1e-7), "1e-7");
  equal(cost(undefined), null);
  equal(cost(-1), null);
  equal(cost({ input_tokens_cost: 0.001, request_cost: 0.005, total_cost: 0.006 }), "0.006");
  equal(cost({ input_tokens_cost: 0.001 }), null);
  equal(cost({ total_cost: -1 }), null);
});

for (
  const usage of [null, undefined, "12", {}, { prompt_tokens: -1 }, { prompt_tokens: "-1" }, {
    prompt_tokens: 1e12,
  }, { prompt_tokens: "7 tokens" }]
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
    cache_read_input_tokens: fc.option(count),
    cache_creation_input_tokens: fc.option(count),
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

for (const cost of [1e10, 1e21, -1, Infinity, NaN, "0.5", { total_cost: 1e10 }]) {
  Deno.test(`readUsage() takes no notice of a price of ${Deno.inspect(cost)}`, () => {
    const measured = readUsage({ prompt_tokens: 1, completion_tokens: 2, cost });
    deepEqual([measured?.cost, measured?.usage.output_tokens], [null, 2]);
  });
}

Deno.test("estimateUsage() counts what was thought as reasoning, within the output", () => {
  const usage = estimateUsage(0, "123456789", "x".repeat(40_000));
  deepEqual([usage.output_tokens, usage.reasoning_tokens], [10_003, 10_000]);
});

Deno.test("wireUsage() says that an estimate is one, and only then", () => {
  equal(wireUsage(estimateUsage(0, "x")).estimated, true);
  equal("estimated" in wireUsage(readUsage({ prompt_tokens: 1 })!.usage), false);
});

Deno.test("countUsage() does not believe a vendor that counts nothing for a real answer", () => {
  const estimate = estimateUsage(10, "y".repeat(80), "z".repeat(20));
  const counted = (prompt_tokens: number, completion_tokens: number, given = estimate) => {
    const usage = countUsage(
      readUsage({ prompt_tokens, completion_tokens })?.usage ?? null,
      () => given,
    );
    return [usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.estimated];
  };
  const { input_tokens, output_tokens, reasoning_tokens } = estimate;
  deepEqual(counted(0, 0), [input_tokens, output_tokens, reasoning_tokens, true]);
  deepEqual(counted(100, 0), [100, output_tokens, reasoning_tokens, true]);
  deepEqual(counted(0, 50), [input_tokens, 50, 0, true]);
  deepEqual(counted(100, 50), [100, 50, 0, false]);
  // Nothing was answered, or no usage was reported.
  deepEqual(counted(0, 0, { ...estimate, input_tokens: 0, output_tokens: 0 }), [0, 0, 0, false]);
  deepEqual(countUsage(null, () => estimate), estimate);
});
