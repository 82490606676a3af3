import { deepEqual, equal, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { eventually, openDatabase, signUp } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

Deno.test("speech arrives byte for byte, and costs its characters to the last decimal", async () => {
  const audio = crypto.getRandomValues(new Uint8Array(60_000));
  await using vendor = await startVendor(
    () => new Response(audio, { headers: { "content-type": "audio/mpeg" } }),
    "speech",
  );
  await using database = openDatabase();
  await database.sql`
    update public.vendor_services set voices = array['alloy']
    where id = (select service_id from public.agents where id = ${vendor.agentId})`;
  await database.sql`
    update public.service_prices
    set unit_rates = '{"character": 0.0000000003}', input_rate = 0, output_rate = 0,
      request_rate = 0
    where service_id = (select service_id from public.agents where id = ${vendor.agentId})`;
  const ann = await signUp("ann");
  const ask = { model: vendor.model, input: "Good morning! 🦑", voice: "alloy" };
  const response = await ann.openai.audio.speech.create(ask);
  equal(response.headers.get("content-type"), "audio/mpeg");
  deepEqual(new Uint8Array(await response.arrayBuffer()), audio);
  const row = await eventually(async () => {
    const { data } = await ann.supabase.from("ai_interactions")
      .select("source, turn_state, total_cost::text, agent_executions(usage_details)").single();
    return data;
  }, (row) => row !== null);
  deepEqual({ ...row }, {
    source: "speech",
    turn_state: "succeeded",
    total_cost: "0.0000000045",
    agent_executions: [{ usage_details: { units: { character: 15 } } }],
  });
  await rejects(
    ann.openai.audio.speech.create({ ...ask, voice: "nobody" }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === "voice",
  );
});
