import { deepEqual, equal, rejects } from "node:assert/strict";
import OpenAI from "openai";
import { wav } from "../functions/support/audio_files.ts";
import { data, stream } from "../functions/support/upstream_server.ts";
import { eventually, openDatabase, signUp } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

Deno.test("a transcript, whole or streamed, is charged by the seconds of its recording", async () => {
  const text = "Good morning.";
  await using vendor = await startVendor(({ body }) => {
    const fields = new Map(body.map(([field, value]: [string, unknown]) => [field, value]));
    return fields.get("stream") === "true"
      ? stream(
        data({ type: "transcript.text.delta", delta: text }),
        data({ type: "transcript.text.done", text }),
      )
      : Response.json({ text });
  }, "transcription");
  await using database = openDatabase();
  await database.sql`
    update public.service_prices
    set unit_rates = '{"second": 0.0000000003}', input_rate = 0, output_rate = 0, request_rate = 0
    where service_id = (select service_id from public.agents where id = ${vendor.agentId})`;
  const ann = await signUp("ann");
  const file = new File([wav(5)], "talk.wav", { type: "audio/wav" });
  const ask = { model: vendor.model, file };
  const whole = await ann.openai.audio.transcriptions.create(ask).withResponse();
  equal(whole.data.text, text);
  const streamed = await ann.openai.audio.transcriptions.create({ ...ask, stream: true })
    .withResponse();
  const events = await Array.fromAsync(streamed.data);
  deepEqual(events.map(({ type }) => type), ["transcript.text.delta", "transcript.text.done"]);
  for (const { request_id } of [whole, streamed]) {
    const row = await eventually(async () => {
      const { data } = await ann.supabase.from("ai_interactions")
        .select("source, turn_state, total_cost::text, agent_executions(usage_details)")
        .eq("request_id", request_id).single();
      return data;
    }, (row) => row !== null);
    deepEqual({ ...row }, {
      source: "transcription",
      turn_state: "succeeded",
      total_cost: "0.0000000015",
      agent_executions: [{ usage_details: { units: { second: 5 } } }],
    });
  }
  const sent = vendor.upstream.received[0]?.body.find(([field]: string[]) => field === "file");
  deepEqual(sent, ["file", "talk.wav", "audio/wav", new Uint8Array(await file.arrayBuffer())]);
  await rejects(
    ann.openai.audio.transcriptions.create({ ...ask, file: new File([], "empty.wav") }),
    (error) => error instanceof OpenAI.BadRequestError && error.param === "file",
  );
});

Deno.test("speech arrives byte for byte, and is charged by its characters to the last decimal", async () => {
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
