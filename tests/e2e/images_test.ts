import { deepEqual, equal, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { data, stream } from "../functions/support/upstream_server.ts";
import { eventually, openDatabase, type Person, signUp } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

const PNG = "iVBORw0KGgo=";

/** Sets the rates of a vendor's service, in addition to a fraction of a cent per call. */
async function setRates(agentId: string, rates: Record<string, number>): Promise<void> {
  await using database = openDatabase();
  await database.sql`
    update public.service_prices
    set unit_rates = ${database.sql.json(rates)}, input_rate = 0, output_rate = 0, request_rate = 0
    where service_id = (select service_id from public.agents where id = ${agentId})`;
}

async function ledgerOf(person: Person, requestId: string | null | undefined) {
  return await eventually(async () => {
    const { data } = await person.supabase.from("ai_interactions")
      .select("*, agent_executions(usage_details)").eq("request_id", requestId).single();
    return data;
  }, (row) => row !== null);
}

Deno.test("images are charged by size and quality, whole and streamed", async () => {
  await using vendor = await startVendor(({ body }) => {
    const told = { size: body.size, quality: body.quality };
    if (!body.stream) {
      return Response.json({ created: 7, data: [{ b64_json: PNG }, { b64_json: PNG }], ...told });
    }
    const image = (type: string) =>
      data({ type: `image_generation.${type}`, b64_json: PNG, partial_image_index: 0, ...told });
    return stream(image("partial_image"), image("completed"));
  }, "image");
  await setRates(vendor.agentId, { "image/1024x1024": 0.04, "image/1024x1024/hd": 0.0800000001 });
  const ann = await signUp("ann");
  const ask = { model: vendor.model, prompt: "a cat", size: "1024x1024" } as const;
  const whole = await ann.openai.images.generate({ ...ask, n: 2, quality: "hd" }).withResponse();
  deepEqual(whole.data.data?.map(({ b64_json }) => b64_json), [PNG, PNG]);
  const row = await ledgerOf(ann, whole.request_id);
  deepEqual(
    [row.source, row.turn_state, row.session_id, String(row.total_cost), row.agent_executions],
    ["image", "succeeded", null, "0.1600000002", [{
      usage_details: { units: { "image/1024x1024/hd": 2 } },
    }]],
  );
  const streamed = await ann.openai.images.generate({ ...ask, stream: true, partial_images: 1 })
    .withResponse();
  const events = await Array.fromAsync(streamed.data);
  deepEqual(events.map(({ type }) => type), [
    "image_generation.partial_image",
    "image_generation.completed",
  ]);
  equal(String((await ledgerOf(ann, streamed.request_id)).total_cost), "0.04");
  await rejects(
    ann.openai.images.generate({ ...ask, size: "1792x1024" }),
    (error) => error instanceof OpenAI.BadRequestError && error.code === "unit_not_priced",
  );
  equal(vendor.upstream.received.length, 2);
  const { count } = await ann.supabase.from("chat_messages")
    .select("id", { count: "exact", head: true });
  equal(count, 0, "without a session nothing is kept");
});

Deno.test("moderation answers and costs nothing", async () => {
  const result = { flagged: true, categories: { hate: true }, category_scores: { hate: 0.9 } };
  await using vendor = await startVendor(
    () => Response.json({ id: "modr-1", model: "m", results: [result] }),
    "moderation",
  );
  await setRates(vendor.agentId, {});
  const ann = await signUp("ann");
  const { data: answer, request_id } = await ann.openai.moderations
    .create({ model: vendor.model, input: "something hateful" }).withResponse();
  deepEqual(answer.results.map(({ flagged }) => flagged), [true]);
  const row = await ledgerOf(ann, request_id);
  deepEqual([row.source, row.turn_state, String(row.total_cost)], ["moderation", "succeeded", "0"]);
  await rejects(
    ann.openai.embeddings.create({ model: vendor.model, input: "x" }),
    (error) => error instanceof OpenAI.BadRequestError && error.code === "agent_cannot_embed",
  );
});
