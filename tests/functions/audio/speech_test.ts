import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { answerAudio } from "../support/audio_fixture.ts";
import type { ChatOverrides } from "../support/chat_fixture.ts";
import { startOpenai } from "../support/openai_fixture.ts";
import { type Answer, breakingFetch, BREAKS } from "../support/upstream_server.ts";

const RATES = { character: 0.000015 };
const TEXT = "Good morning, everyone. 🦑";
const ASK = { model: "speaker", input: TEXT, voice: "alloy" } as const;
const SECOND = 48_000;

const start = (answer: Answer, overrides: ChatOverrides = {}) => {
  const deps = { fetch: breakingFetch, ...overrides.deps };
  const audio = startOpenai(answerAudio, answer, { ...overrides, deps });
  audio.chat.route = { unit_rates: RATES, voices: ["alloy", "echo"] };
  return audio;
};
/** Chunks that contain every byte value; the stream breaks off after them if `breaks` is set. */
const pieces = (type: string, sizes: number[], breaks = false) => {
  const left = [...sizes];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = left.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(noise(size));
    },
  });
  return new Response(body, { headers: { "content-type": type, ...breaks && BREAKS } });
};
const noise = (size: number) => Uint8Array.from({ length: size }, (_, at) => at % 256);

Deno.test("OpenAI's client gets the bytes that the vendor sends, priced by the character", async () => {
  await using audio = start(() => pieces("audio/mpeg", [1, 3000, 70_000, 7]));
  const response = await audio.openai.audio.speech.create({ ...ASK, speed: 1.5 });
  equal(response.headers.get("content-type"), "audio/mpeg");
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sent = [1, 3000, 70_000, 7].flatMap((size) => [...noise(size)]);
  deepEqual([bytes.length, bytes.every((byte, at) => byte === sent[at])], [sent.length, true]);
  const [call] = audio.chat.upstream.received;
  deepEqual([call?.path, call?.headers.get("accept"), call?.body], ["/v1/audio/speech", "*/*", {
    model: "openai/gpt-4o",
    input: TEXT,
    voice: "alloy",
    speed: 1.5,
  }]);
  const { state, content, usage } = await audio.chat.database.settled();
  deepEqual([state, content, usage], ["succeeded", "[speech, mp3]", {
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    units: { character: 25 },
    estimated: false,
  }]);
  const { request } = audio.chat.database.turns[0]!;
  deepEqual([request.kind, request.session_id, request.units], ["speech", null, {
    character: 25,
  }]);
});

Deno.test("speech that breaks off breaks off at the client, and costs what was delivered", async () => {
  const cases = [["pcm", [SECOND], 15], ["pcm", [SECOND * 10], 25], ["opus", [100], 25]] as const;
  for (const [response_format, sizes, characters] of cases) {
    await using audio = start(() => pieces("audio/x", [...sizes], true));
    const response = await audio.openai.audio.speech.create({ ...ASK, response_format });
    await rejects(response.arrayBuffer(), "half of it must not pass for all");
    const { state, usage, error } = await audio.chat.database.settled();
    deepEqual([state, usage?.units, usage?.estimated, error?.code], [
      "partial",
      { character: characters },
      true,
      "upstream_interrupted",
    ]);
  }
});

Deno.test("a model that is charged by tokens is charged for what it said, as an estimate", async () => {
  await using audio = start(() => pieces("audio/mpeg", [9]));
  audio.chat.route = {};
  await (await audio.openai.audio.speech.create(ASK)).arrayBuffer();
  const { usage } = await audio.chat.database.settled();
  ok(usage?.estimated && usage.input_tokens > 0);
  equal(usage.output_tokens, 100);
});

Deno.test("speech is repeated for its Idempotency-Key, byte for byte", async () => {
  await using audio = start(() => pieces("audio/wav", [5000]));
  const headers = { "idempotency-key": "k" };
  await (await audio.openai.audio.speech.create(ASK, { headers })).arrayBuffer();
  const { answer } = await audio.chat.database.settled();
  const { turn_id } = audio.chat.database.turns[0]!.turn;
  audio.chat.database.replay = { replay: { ...answer }, turn_id, session_id: null };
  const again = await audio.openai.audio.speech.create(ASK, { headers });
  equal(again.headers.get("content-type"), "audio/wav");
  deepEqual(new Uint8Array(await again.arrayBuffer()), noise(5000));
  audio.chat.database.replay.replay = { is_not_kept: true };
  await rejects(audio.openai.audio.speech.create(ASK, { headers }), { code: "answer_not_kept" });
});

/** The events of an answer: the audio of all, and the others. */
const readEvents = async (response: Response) => {
  equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const parsed = (await response.text()).split("\n").filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)));
  const audio = parsed.filter(({ type }) => type === "speech.audio.delta")
    .flatMap(({ audio }) => [...Uint8Array.fromBase64(audio)]);
  const others = parsed.filter(({ type }) => type !== "speech.audio.delta");
  return { audio: Uint8Array.from(audio), others };
};
const events = (...list: object[]) =>
  new Response(list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });
const AS_EVENTS = { ...ASK, stream_format: "sse" } as const;

Deno.test("audio of any vendor comes as events where these are asked for, also when it is repeated", async () => {
  await using audio = start(() => pieces("audio/mpeg", [5000, 70_000]));
  const headers = { "idempotency-key": "k" };
  const response = await audio.openai.audio.speech.create(AS_EVENTS, { headers });
  const all = Uint8Array.from([...noise(5000), ...noise(70_000)]);
  const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
  deepEqual(await readEvents(response), {
    audio: all,
    others: [{ type: "speech.audio.done", usage }],
  });
  // Its model is charged by the character, and has no events.
  equal(audio.chat.upstream.received[0]?.body.stream_format, undefined);
  const { answer, usage: booked } = await audio.chat.database.settled();
  deepEqual([booked?.units, booked?.estimated], [{ character: 25 }, false]);
  const { turn_id } = audio.chat.database.turns[0]!.turn;
  audio.chat.database.replay = { replay: { ...answer }, turn_id, session_id: null };
  const again = await audio.openai.audio.speech.create(AS_EVENTS, { headers });
  deepEqual((await readEvents(again)).audio, all);
});

Deno.test("a model that is charged by tokens is asked for events, and charged for what they count", async () => {
  const usage = { input_tokens: 14, output_tokens: 101, total_tokens: 115 };
  const delta = (size: number) => ({
    type: "speech.audio.delta",
    audio: noise(size).toBase64(),
  });
  await using audio = start(() =>
    events(delta(10), delta(4000), { type: "speech.audio.done", usage })
  );
  audio.chat.route = {};
  const response = await audio.openai.audio.speech.create(AS_EVENTS);
  deepEqual((await readEvents(response)).others, [{ type: "speech.audio.done", usage }]);
  equal(audio.chat.upstream.received[0]?.body.stream_format, "sse");
  const { usage: booked } = await audio.chat.database.settled();
  deepEqual([booked?.input_tokens, booked?.output_tokens, booked?.estimated], [14, 101, false]);
});

Deno.test("events that break off end with an error, and cost what was delivered", async () => {
  await using audio = start(() => pieces("audio/x", [SECOND], true));
  const response = await audio.openai.audio.speech.create({ ...AS_EVENTS, response_format: "pcm" });
  const { audio: delivered, others } = await readEvents(response);
  deepEqual([delivered.length, others[0].error.code], [SECOND, "upstream_interrupted"]);
  const { state, usage } = await audio.chat.database.settled();
  deepEqual([state, usage?.units], ["partial", { character: 15 }]);
  // A stream without its last event.
  await using broken = start(() => events({ type: "speech.audio.delta", audio: "AAAA" }));
  const { others: [end] } = await readEvents(await broken.openai.audio.speech.create(AS_EVENTS));
  equal(end.error.code, "upstream_interrupted");
  equal((await broken.chat.database.settled()).state, "partial");
  // An error in place of audio.
  await using failing = start(() => events({ error: { message: "no" } }));
  await rejects(failing.openai.audio.speech.create(AS_EVENTS), { status: 502 });
});

const vendors = {
  elevenlabs: {
    mp3: ["/v1/text-to-speech/al%2Floy/stream", "?output_format=mp3_44100_128"],
    opus: ["/v1/text-to-speech/al%2Floy/stream", "?output_format=opus_48000_64"],
    body: { text: TEXT, model_id: "openai/gpt-4o", voice_settings: { speed: 1.2 } },
    without: "flac",
  },
  deepgram: {
    mp3: ["/v1/speak", "?model=al%2Floy&encoding=mp3"],
    opus: ["/v1/speak", "?model=al%2Floy&encoding=opus&container=ogg"],
    body: { text: TEXT },
    without: null,
  },
} as const;
for (const [api_format, { body, without, ...forms }] of Object.entries(vendors)) {
  Deno.test(`speech of ${api_format} is asked for in its own form, and passed on as OpenAI's`, async () => {
    await using audio = start(() => pieces("audio/mpeg", [3000]));
    audio.chat.route = {
      unit_rates: RATES,
      voices: ["al/loy"],
      api_format,
      auth_header: "xi-api-key",
      auth_scheme: null,
    };
    for (const [response_format, [path, search]] of Object.entries(forms)) {
      const response = await audio.fetch("http://127.0.0.1/functions/v1/audio/speech", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...ASK, voice: "al/loy", response_format, speed: 2 }),
      });
      deepEqual(new Uint8Array(await response.arrayBuffer()), noise(3000));
      const call = audio.chat.upstream.received.at(-1);
      deepEqual([call?.path, call?.search, call?.body], [path, search, body]);
      ok(call?.headers.get("xi-api-key"));
      const { usage } = await audio.chat.database.settled();
      deepEqual(usage?.units, { character: 25 });
    }
    const unknown = audio.openai.audio.speech.create(ASK);
    await rejects(unknown, { status: 400, param: "voice" });
    if (!without) return;
    const made = audio.openai.audio.speech.create({
      ...ASK,
      voice: "al/loy",
      response_format: without,
    });
    await rejects(made, { status: 400, param: "response_format" });
    audio.chat.route = { ...audio.chat.route, voices: null };
    for (const voice of [".", ".."]) {
      const elsewhere = audio.openai.audio.speech.create({ ...ASK, voice });
      await rejects(elsewhere, { status: 400, param: "voice" });
    }
  });
}

const refused: Record<string, [body: object, param: string]> = {
  "no text": [{ voice: "alloy" }, "input"],
  "too long a text": [{ ...ASK, input: "🦑".repeat(4097) }, "input"],
  "no voice": [{ input: "x" }, "voice"],
  "a voice that the model does not have": [{ ...ASK, voice: "unknown" }, "voice"],
  "another's voice by its id": [{ ...ASK, voice: { id: "voice_1" } }, "voice"],
  "an unknown form": [{ ...ASK, response_format: "midi" }, "response_format"],
  "a speed out of range": [{ ...ASK, speed: 9 }, "speed"],
  "an unknown form of streams": [{ ...ASK, stream_format: "chunks" }, "stream_format"],
};
Deno.test("speech refuses what it cannot speak, and names the field", async () => {
  await using audio = start(() => pieces("audio/mpeg", [9]));
  for (const [what, [body, param]] of Object.entries(refused)) {
    const error = await audio.openai.post("/audio/speech", { body }).then(
      () => ok(false, what),
      (error) => error,
    );
    deepEqual([what, error.status, error.param], [what, 400, param]);
  }
  equal(audio.chat.upstream.received.length, 0);
});

Deno.test("a voice by its id needs the caller's own key, also where voices are not listed", async () => {
  await using audio = start(() => pieces("audio/mpeg", [9]));
  audio.chat.route = { unit_rates: RATES, voices: null, credential: "platform" };
  const byId = { ...ASK, voice: { id: "voice_1" } };
  await rejects(audio.openai.audio.speech.create(byId), { status: 400, param: "voice" });
  equal(audio.chat.upstream.received.length, 0);
  await (await audio.openai.audio.speech.create({ ...ASK, voice: "any name" })).arrayBuffer();
  equal(audio.chat.upstream.received.length, 1);
});

const wrong: Record<string, () => Response> = {
  "nothing": () => pieces("audio/mpeg", []),
  "a page": () => new Response("<p>", { headers: { "content-type": "text/html" } }),
  "an error in a 200": () => Response.json({ error: { message: "x" } }),
  "JSON": () => Response.json({ hello: 1 }),
};
for (const [what, answer] of Object.entries(wrong)) {
  Deno.test(`a vendor of speech that answers ${what} makes a 502`, async () => {
    await using audio = start(answer);
    await rejects(audio.openai.audio.speech.create(ASK), { status: 502 });
    equal((await audio.chat.database.settled()).state, "failed");
  });
}

Deno.test("a voice that is a model must be listed, unless the caller's own key pays for it", async () => {
  await using audio = start(() => pieces("audio/mpeg", [3000]));
  const ask = { ...ASK, voice: "aura-dear" };
  const route = { unit_rates: RATES, voices: null };
  audio.chat.deps.decryptKey = () => Promise.resolve("sk-own");
  const encrypted_key = "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA";
  const keys = [{ id: "own", user_id: "a", vendor_id: "openrouter", encrypted_key }];
  const cases = [
    ["deepgram", "platform", 400],
    ["deepgram", "own", 200],
    ["elevenlabs", "platform", 200],
  ] as const;
  for (const [api_format, credential, status] of cases) {
    audio.chat.route = { ...route, api_format, credential, ...credential === "own" && { keys } };
    const response = await audio.fetch("http://127.0.0.1/functions/v1/audio/speech", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ask),
    });
    await response.body?.cancel();
    equal(response.status, status, `${api_format}, ${credential}`);
  }
});
