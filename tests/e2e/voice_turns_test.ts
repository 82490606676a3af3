import { deepEqual, equal, match, ok } from "node:assert/strict";
import { wav } from "../functions/support/audio_files.ts";
import { type Answer, startUpstream } from "../functions/support/upstream_server.ts";
import { addVendor, removeVendor } from "./support/fault_vendor.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "./support/stack.ts";
import { makeOrganization } from "./support/tenants.ts";

const VENDOR = "e2e_upstream";
const QUESTION = wav(2.5);
const SPOKEN = Uint8Array.from({ length: 150_000 }, (_, at) => at * at % 251);

const chunk = (delta: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta, ...more }] })}\n\n`;

/** The vendor's answers, by type of request. */
const answers: Record<string, Answer> = {
  transcriptions: () =>
    Response.json({ text: "What time is it?", usage: { type: "duration", seconds: 3 } }),
  completions: () =>
    new Response(
      [
        chunk({ role: "assistant", content: "It is " }),
        chunk({ content: "noon." }),
        chunk({}, { finish_reason: "stop" }),
        `data: {"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4}}\n\n`,
        "data: [DONE]\n\n",
      ].join(""),
      { headers: { "content-type": "text/event-stream" } },
    ),
  speech: () => new Response(SPOKEN, { headers: { "content-type": "audio/mpeg" } }),
};

/** A vendor of transcripts, chat and speech; each of the three answers can be replaced. */
async function startVoices(replaced: Record<string, Answer> = {}) {
  const upstream = startUpstream((received) => {
    const what = received.path.split("/").at(-1) ?? "";
    return (replaced[what] ?? answers[what])!(received);
  });
  const database = openDatabase();
  const add = () => addVendor(database.sql, VENDOR, upstream.baseUrl);
  const [hearing, chat, speaking] = [await add(), await add(), await add()];
  const sell = async (service: string, kind: string, rates: object) => {
    await database.sql`
      update public.vendor_services
      set service_kind = ${kind}, voices = ${kind === "speech" ? ["alloy"] : null}
      where id = ${service}`;
    await database.sql`
      update public.service_prices
      set unit_rates = ${JSON.stringify(rates)}::text::jsonb, input_rate = 0, output_rate = 0,
        request_rate = 0
      where service_id = ${service}`;
  };
  await sell(hearing.service, "transcription", { second: 0.0000000003 });
  await sell(speaking.service, "speech", { character: 0.0000000007 });
  await database.sql`
    update public.agents
    set speech_processing = ${JSON.stringify({ model: hearing.agent.name })}::text::jsonb,
      voice_settings = ${JSON.stringify({ model: speaking.agent.name })}::text::jsonb,
      voice_id = 'alloy'
    where id = ${chat.agent.id}`;
  return {
    sql: database.sql,
    upstream,
    model: chat.agent.name,
    async [Symbol.asyncDispose]() {
      await removeVendor(database.sql, chat);
      await database[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

async function say(
  person: Person,
  fields: Record<string, string>,
  file: Uint8Array<ArrayBuffer> = QUESTION,
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new File([file], "question.wav", { type: "audio/wav" }));
  return await fetch(`${stack.FUNCTIONS_URL}/audio/turns`, {
    method: "POST",
    headers: { authorization: `Bearer ${person.accessToken}`, ...headers },
    body: form,
  });
}

/** The events of a stream, which must end with `[DONE]`. */
function eventsIn(text: string) {
  const events = text.split("\n\n").filter((event) => event.startsWith("data: "))
    .map((event) => event.slice(6));
  equal(events.pop(), "[DONE]");
  return events.map((event) => JSON.parse(event));
}

const ledger = async ({ supabase }: Person, rows: number) =>
  await eventually(async () => {
    const { data } = await supabase.from("ai_interactions")
      .select("source, turn_state, total_cost::text").order("started_at");
    return data?.map((row) => Object.values(row)) ?? [];
  }, (found) => found.length === rows);

const messages = async ({ supabase }: Person, session: string) => {
  const { data } = await supabase.from("chat_sessions")
    .select("channel, chat_messages(role, content, status, audio_url, audio_duration_ms)")
    .eq("session_id", session).order("seq", { referencedTable: "chat_messages" }).single();
  ok(data);
  return data;
};

Deno.test("a recording is answered with speech, and all three parts are priced to the last decimal", async () => {
  await using voices = await startVoices();
  const ann = await signUp("ann");
  const response = await say(ann, { model: voices.model });
  const answer = await response.json();
  equal(response.status, 200, JSON.stringify(answer));
  deepEqual([answer.transcript, answer.text, answer.error], [
    "What time is it?",
    "It is noon.",
    null,
  ]);
  deepEqual(Uint8Array.fromBase64(answer.audio.data), SPOKEN);
  const heard = voices.upstream.received.find(({ path }) => path.endsWith("transcriptions"));
  deepEqual(heard?.body.find(([field]: [string]) => field === "file"), [
    "file",
    "question.wav",
    "audio/wav",
    QUESTION,
  ]);
  const { channel, chat_messages } = await messages(ann, answer.session_id);
  deepEqual([channel, ...chat_messages], [
    "voice",
    {
      role: "user",
      content: "What time is it?",
      status: "complete",
      audio_url: answer.recording,
      audio_duration_ms: 2500,
    },
    {
      role: "assistant",
      content: "It is noon.",
      status: "complete",
      audio_url: answer.audio.path,
      audio_duration_ms: null,
    },
  ]);
  const stored = async (path: string) =>
    new Uint8Array(
      await (await ann.supabase.storage.from("voice").download(path)).data!.arrayBuffer(),
    );
  deepEqual(await stored(answer.recording), QUESTION);
  deepEqual(await stored(answer.audio.path), SPOKEN);
  // Three seconds; ten tokens and four; eleven characters.
  deepEqual(await ledger(ann, 3), [
    ["transcription", "succeeded", "0.0000000009"],
    ["chat", "succeeded", "0.0000859286"],
    ["speech", "succeeded", "0.0000000077"],
  ]);

  // A repeated request gets the same answer of the same session, and costs nothing.
  const headers = { "idempotency-key": crypto.randomUUID() };
  const carol = await signUp("carol");
  const sent = await (await say(carol, { model: voices.model }, QUESTION, headers)).json();
  const repeated = await (await say(carol, { model: voices.model }, QUESTION, headers)).json();
  deepEqual([repeated.session_id, repeated.text, repeated.audio?.data, repeated.error], [
    sent.session_id,
    sent.text,
    sent.audio.data,
    null,
  ]);
  equal((await ledger(carol, 3)).length, 3);
  equal((await messages(carol, sent.session_id)).chat_messages[0]?.audio_url, sent.recording);
  const eve = await signUp("eve");
  equal((await eve.supabase.storage.from("voice").download(answer.recording)).data, null);
  const stolen = await say(eve, { session_id: answer.session_id });
  deepEqual([stolen.status, (await stolen.json()).error.code], [404, "session_not_found"]);

  // The session goes on with its own agent, streamed.
  const streamed = await say(ann, { session_id: answer.session_id, stream: "true" });
  equal(streamed.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const parsed = eventsIn(await streamed.text());
  deepEqual(
    [...new Set(parsed.map(({ type }) => type))],
    [
      "transcript.text.done",
      "response.output_text.delta",
      "response.output_text.done",
      "speech.audio.delta",
      "speech.audio.done",
      "audio.turn.done",
    ],
  );
  const audio = parsed.filter(({ type }) => type === "speech.audio.delta")
    .flatMap((event) => [...Uint8Array.fromBase64(event.audio)]);
  deepEqual(Uint8Array.from(audio), SPOKEN);
  equal((await messages(ann, answer.session_id)).chat_messages.length, 4);
  const asked = voices.upstream.received.filter(({ path }) => path.endsWith("completions"));
  deepEqual(asked.at(-1)?.body.messages.map(({ role }: { role: string }) => role), [
    "user",
    "assistant",
    "user",
  ]);
});

Deno.test("the organization of the session pays for all three parts, wherever its person works now", async () => {
  await using voices = await startVoices();
  const gus = await signUp("gus");
  const team = await makeOrganization(gus, "Team");
  const { data: before } = await gus.supabase.from("profiles").select("current_organization_id")
    .eq("id", gus.id).single();
  const personal = before?.current_organization_id;
  const workIn = async (organization: string | null | undefined) => {
    const { error } = await gus.supabase.from("profiles")
      .update({ current_organization_id: organization ?? null }).eq("id", gus.id);
    equal(error, null);
  };
  await workIn(team);
  const first = await (await say(gus, { model: voices.model })).json();
  equal(first.error, null, JSON.stringify(first).slice(0, 300));
  await workIn(personal === team ? null : personal);
  const next = await (await say(gus, { session_id: first.session_id })).json();
  deepEqual([next.error, next.session_id], [null, first.session_id]);
  await ledger(gus, 6);
  const { data } = await gus.supabase.from("ai_interactions").select("organization_id, source");
  deepEqual(data?.filter(({ organization_id }) => organization_id !== team), []);
  // A new session belongs to the organization in which gus works now.
  const other = await (await say(gus, { model: voices.model })).json();
  equal(other.error, null, JSON.stringify(other).slice(0, 300));
  await ledger(gus, 9);
  const { data: all } = await gus.supabase.from("ai_interactions").select("organization_id");
  equal(all?.filter(({ organization_id }) => organization_id !== team).length, 3);
});

Deno.test("what fails behind a transcript costs what was delivered, and loses nothing", async () => {
  const delivered = Promise.withResolvers<void>();
  const breaks = () =>
    new Response(
      new ReadableStream({
        async start(controller) {
          // Half a second of MPEG audio at 128 kbit/s.
          const frame = Uint8Array.from({ length: 8000 }, (_, at) =>
            [0xff, 0xfb, 0x90, 0x00][at] ?? 0);
          controller.enqueue(frame);
          await delivered.promise;
          controller.error(new Error("gone"));
        },
      }),
      { headers: { "content-type": "audio/mpeg" } },
    );
  const ben = await signUp("ben");
  {
    await using voices = await startVoices({ speech: breaks });
    const response = await say(ben, { model: voices.model, stream: "true" });
    let text = "";
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.includes("speech.audio.delta")) delivered.resolve();
    }
    const events = eventsIn(text);
    const [said, error, end] = [
      events.find(({ type }) => type === "response.output_text.done"),
      ...events.slice(-2),
    ];
    deepEqual([said.text, error.error.code, end.type], [
      "It is noon.",
      "upstream_error",
      "audio.turn.done",
    ]);
    const costs = await ledger(ben, 3);
    // Half a second is eight characters of the eleven.
    deepEqual(costs.map(([source, state, cost]) => [source, state, cost]), [
      ["transcription", "succeeded", "0.0000000009"],
      ["chat", "succeeded", "0.0000859286"],
      ["speech", "partial", "0.0000000056"],
    ]);
    equal((await messages(ben, end.session_id)).chat_messages[0]?.audio_url, end.recording);
  }
  const cal = await signUp("cal");
  {
    const fails = () => Response.json({ error: { message: "down" } }, { status: 400 });
    await using voices = await startVoices({ completions: fails });
    const response = await say(cal, { model: voices.model });
    const { error } = await response.json();
    deepEqual([response.status >= 400, error.transcript], [true, "What time is it?"]);
    deepEqual((await ledger(cal, 2)).map(([source, state]) => [source, state]), [
      ["transcription", "succeeded"],
      ["chat", "failed"],
    ]);
    match((await messages(cal, error.session_id)).chat_messages[0]?.audio_url, /\.wav$/);
  }
  const dan = await signUp("dan");
  {
    const fails = () => Response.json({ error: { message: "no" } }, { status: 400 });
    await using voices = await startVoices({ transcriptions: fails });
    const response = await say(dan, { model: voices.model });
    equal(response.status >= 400, true);
    await response.body?.cancel();
    const { data } = await dan.supabase.from("chat_sessions").select("id");
    deepEqual(data, []);
  }
});

Deno.test("a voice turn whose speech broke off continues under its key", async () => {
  const long = "This is a sentence. ".repeat(300);
  let isDown = true;
  await using voices = await startVoices({
    completions: () =>
      new Response(
        [chunk({ content: long }), chunk({}, { finish_reason: "stop" }), "data: [DONE]\n\n"].join(
          "",
        ),
        { headers: { "content-type": "text/event-stream" } },
      ),
    speech: ({ body: { input } }) =>
      isDown && long.indexOf(input) === 0 && input.length < 4000
        ? Response.json({ error: { message: "down" } }, { status: 400 })
        : new Response(new Uint8Array(input.length), { headers: { "content-type": "audio/mpeg" } }),
  });
  const fay = await signUp("fay");
  const headers = { "idempotency-key": crypto.randomUUID() };
  const ask = async () => await (await say(fay, { model: voices.model }, QUESTION, headers)).json();
  const broken = await ask();
  ok(broken.error?.code, JSON.stringify(broken).slice(0, 300));
  const first = (await messages(fay, broken.session_id)).chat_messages;
  deepEqual(first.map(({ audio_url }) => audio_url), [broken.recording, broken.audio.path]);
  isDown = false;
  const asked = voices.upstream.received.length;
  const whole = await ask();
  deepEqual([whole.error, whole.session_id, whole.audio.characters], [
    null,
    broken.session_id,
    long.length,
  ]);
  equal(voices.upstream.received.length, asked + 1, "the piece that failed is called again");
  const again = (await messages(fay, broken.session_id)).chat_messages;
  deepEqual(again.map(({ audio_url }) => audio_url), [broken.recording, whole.audio.path]);
  const { data } = await fay.supabase.storage.from("voice").download(whole.audio.path);
  equal(data?.size, long.length);
});

Deno.test("a voice turn refuses what it cannot hear or speak, before it costs anything", async () => {
  await using voices = await startVoices();
  const ann = await signUp("ann");
  const { model } = voices;
  const pdf = new TextEncoder().encode("%PDF-1.7 no recording");
  const cases: [Record<string, string>, Uint8Array<ArrayBuffer>, number, string | null][] = [
    [{ model }, pdf, 400, "file"],
    [{ model }, new Uint8Array(26 * 1024 * 1024), 413, null],
    [{ model }, new Uint8Array(0), 400, "file"],
    [{ model, voice: "unknown" }, QUESTION, 400, "voice"],
    [{ model: "no-such-model" }, QUESTION, 404, null],
    [{ model, speech_model: "no-such-model" }, QUESTION, 404, null],
    [{ model, transcription_model: "no-such-model" }, QUESTION, 404, null],
    [{ model, response_format: "pcm" }, QUESTION, 400, "response_format"],
    [{ model, stream: "yes" }, QUESTION, 400, "stream"],
    [{ model, temperature: "1" }, QUESTION, 400, "temperature"],
    [{ model, session_id: "sess_00000000000000000000" }, QUESTION, 404, null],
  ];
  for (const [fields, file, status, param] of cases) {
    const response = await say(ann, fields, file);
    const { error } = await response.json();
    equal(response.status, status, `${JSON.stringify(fields)} ${error?.message}`);
    if (param) equal(error.param, param);
  }
  equal(voices.upstream.received.length, 0);
  const { data } = await ann.supabase.from("chat_sessions").select("id");
  deepEqual(data, []);
});
