import { deepEqual, equal, fail, match, ok, rejects } from "node:assert/strict";
import { splitText } from "../../../functions/audio/split_text.ts";
import { type VoiceSession, voiceSessionSchema } from "../../../functions/audio/voice_schema.ts";
import { audioDatabase } from "../../../functions/audio/db.ts";
import { createAccessKeyGuard } from "../../../functions/_shared/auth/access_key_guard.ts";
import { TRIES_A_MINUTE } from "../../../functions/_shared/auth/try_limiter.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { answerAudio, memoryRecordings } from "../support/audio_fixture.ts";
import * as files from "../support/audio_files.ts";
import { type ChatFixture, startChat } from "../support/chat_fixture.ts";
import {
  type Answer,
  breakingFetch,
  BREAKS,
  chunk,
  data,
  stream,
} from "../support/upstream_server.ts";

const QUESTION = files.webm(Array.from({ length: 50 }, () => files.opusPacket(15)));

/** A vendor of transcripts, chat and speech. */
const answer: Answer = ({ path }) => {
  if (path.endsWith("transcriptions")) return Response.json({ text: "What time is it?" });
  if (path.endsWith("completions")) {
    return stream(
      chunk({ content: "It is noon." }),
      chunk({}, { finish_reason: "stop" }),
      data("[DONE]"),
    );
  }
  return new Response(new Uint8Array(100), { headers: { "content-type": "audio/mpeg" } });
};

function say(fields: Record<string, string> = {}, headers: Record<string, string> = {}): Request {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("file", new File([QUESTION], "question.webm", { type: "audio/webm" }));
  return new Request("http://127.0.0.1/audio/turns", { method: "POST", headers, body });
}

Deno.test("a recording takes the room of its body once, until the answer has ended", async () => {
  const admission = createAdmission(QUESTION.length + 500);
  await using chat = startChat(answer, { deps: { admission }, limits: { queueBytes: 1 } });
  for (const request of [say(), say({ stream: "true" })]) {
    const response = await answerAudio(request, chat.deps);
    const text = await response.text();
    deepEqual([response.status, text.includes("It is noon.")], [200, true], text);
  }
  const open = await answerAudio(say({ stream: "true" }), chat.deps);
  equal((await answerAudio(say(), chat.deps)).status, 503);
  await open.body?.cancel();
  await answeredAgain(chat);
});

/** Resolves once calls are accepted again. */
async function answeredAgain(chat: ChatFixture): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    const response = await answerAudio(say(), chat.deps);
    await response.body?.cancel();
    if (response.status !== 503) return equal(response.status, 200);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  fail("there is no room");
}

Deno.test("a client that stops reading does not keep the room of its recording", async () => {
  const admission = createAdmission(QUESTION.length + 500);
  const limits = { queueBytes: 1, clientStallMs: 20 };
  await using chat = startChat(answer, { deps: { admission }, limits });
  const open = await answerAudio(say({ stream: "true" }), chat.deps);
  await answeredAgain(chat);
  await rejects(open.text());
});

Deno.test("long Idempotency-Keys are told apart, and refused beyond 255 characters", async () => {
  await using chat = startChat(answer);
  for (const first of ["a", "b"]) {
    const headers = { "idempotency-key": first + "k".repeat(254) };
    const response = await answerAudio(say({}, headers), chat.deps);
    equal(response.status, 200, await response.text());
  }
  const keys = chat.database.turns.map(({ request }) => request.idempotency_key);
  deepEqual([keys.length, new Set(keys).size, keys.includes(null)], [6, 6, false]);
  const memory = memoryRecordings();
  const refused = await answerAudio(
    say({}, { "idempotency-key": "k".repeat(256) }),
    chat.deps,
    memory,
  );
  const { error } = await refused.json();
  deepEqual([refused.status, error.param, memory.began.length], [400, "Idempotency-Key", 0]);
});

Deno.test("an answer that cannot be spoken comes as text, with the reason", async () => {
  await using chat = startChat((call) =>
    call.path.endsWith("speech")
      ? Response.json({ error: { message: "down" } }, { status: 500 })
      : answer(call)
  );
  const response = await answerAudio(say(), chat.deps);
  const { text, audio, error, recording } = await response.json();
  deepEqual([response.status, text, audio, error.code], [
    200,
    "It is noon.",
    null,
    "upstream_error",
  ]);
  ok(recording);
});

Deno.test("speech that breaks off comes as far as it went, with the reason, and is stored", async () => {
  const spoken: Answer = (call) =>
    call.path.endsWith("speech")
      ? new Response(new Uint8Array(3000), { headers: { "content-type": "audio/mpeg", ...BREAKS } })
      : answer(call);
  await using chat = startChat(spoken, { deps: { fetch: breakingFetch } });
  const memory = memoryRecordings();
  const response = await answerAudio(say(), chat.deps, memory);
  const { text, audio, error } = await response.json();
  deepEqual([response.status, text, error.code], [200, "It is noon.", "upstream_error"]);
  const bytes = memory.stored.get(audio.path)?.bytes.length;
  deepEqual([audio.characters, atob(audio.data).length, bytes], [0, 3000, 3000]);
});

Deno.test("long speech of an answer that is sent whole is sent in parts", async () => {
  const sound = Uint8Array.from({ length: 2 ** 20 }, (_, at) => at % 251);
  await using chat = startChat((call) =>
    call.path.endsWith("speech")
      ? new Response(sound, { headers: { "content-type": "audio/mpeg" } })
      : answer(call)
  );
  const response = await answerAudio(say(), chat.deps);
  const decoder = new TextDecoder();
  let json = "";
  let longest = 0;
  for await (const part of response.body ?? []) {
    longest = Math.max(longest, part.length);
    json += decoder.decode(part, { stream: true });
  }
  const { text, audio, error } = JSON.parse(json);
  deepEqual([text, audio.characters, error], ["It is noon.", 11, null]);
  deepEqual(Uint8Array.fromBase64(audio.data), sound);
  ok(longest < sound.length / 2, `a part of ${longest} bytes`);
});

Deno.test("an error after the head of a voice answer breaks it off, and is logged", async () => {
  for (const isStreamed of [false, true]) {
    await using chat = startChat(answer);
    const memory = memoryRecordings();
    memory.audioDatabase.endVoiceTurn = () => Promise.reject(new Error("lost"));
    const response = await answerAudio(say({ stream: String(isStreamed) }), chat.deps, memory);
    equal(response.status, 200);
    if (isStreamed) match(await response.text(), /"internal_error"/);
    else await rejects(response.text());
    const { error_code, cause } = await chat.logged;
    deepEqual([error_code, String(cause).slice(0, 11)], ["internal_error", "Error: lost"]);
  }
});

Deno.test("a repeated voice turn stores nothing", async () => {
  await using chat = startChat(answer);
  const memory = memoryRecordings();
  const headers = { "idempotency-key": "k" };
  const first = await (await answerAudio(say({}, headers), chat.deps, memory)).json();
  equal(memory.stored.size, 2);
  const { database } = chat;
  const begin = database.beginTurn;
  database.beginTurn = async (caller, request) => {
    const found = database.turns.find((stored) => stored.request.kind === request.kind);
    const settled = await database.settled(database.turns.indexOf(found!));
    if (!found) return await begin(caller, request);
    return { replay: { ...settled.answer }, turn_id: found.turn.turn_id, session_id: null };
  };
  const again = await (await answerAudio(say({}, headers), chat.deps, memory)).json();
  deepEqual([again.text, again.audio.data, again.audio.path, again.recording], [
    first.text,
    first.audio.data,
    null,
    null,
  ]);
  // Speech that was too large to be stored is not synthesized again.
  const repeat = database.beginTurn;
  database.beginTurn = async (caller, request) =>
    request.kind === "speech"
      ? { replay: { is_not_kept: true }, turn_id: crypto.randomUUID(), session_id: null }
      : await repeat(caller, request);
  const silent = await (await answerAudio(say({}, headers), chat.deps, memory)).json();
  deepEqual([silent.text, silent.audio, silent.error.code], [first.text, null, "answer_not_kept"]);
  equal(memory.stored.size, 2);
});

Deno.test("an address that sends many unknown access keys to voice turns is refused", async () => {
  let asked = 0;
  const guard = createAccessKeyGuard({ now: () => 0 });
  const database = audioDatabase(() => {
    asked++;
    return Promise.reject(new ApiError("invalid_api_key", "No."));
  }, guard);
  const begin = (number: number) =>
    database.beginVoiceTurn({ accessKey: `ab_${number}`, address: "192.0.2.1" }, {
      idempotency_key: null,
    });
  for (let number = 0; number < TRIES_A_MINUTE; number++) {
    await rejects(begin(number), { code: "invalid_api_key" });
  }
  await rejects(begin(TRIES_A_MINUTE), { code: "too_many_unknown_keys" });
  equal(asked, TRIES_A_MINUTE);
});

/** The settings of an agent, and what the vendor of its speech or transcripts is sent for them. */
type FieldCase = readonly [
  field: string,
  agent: Partial<VoiceSession>,
  api: string,
  kind: "speech" | "transcription",
  sent: Record<string, unknown>,
];

/** The settings of a voice that only ElevenLabs has. */
const ELEVENLABS: readonly FieldCase[] = Object.entries({
  stability: 0.3,
  similarity_boost: 0.4,
  style: 0.2,
  use_speaker_boost: false,
}).flatMap(([name, value]) => {
  const agent = speaks({ [name]: value });
  return [
    [name, agent, "elevenlabs", "speech", { voice_settings: { [name]: value } }],
    [name, agent, "openai", "speech", { voice_settings: undefined }],
  ] satisfies FieldCase[];
});

const WITH_FALLBACK: Partial<VoiceSession> = {
  ...speaks({ fallback_voice_ids: ["gone", "echo"] }),
  voice: "lost",
  voices: ["alloy", "echo"],
};

const FIELDS: readonly FieldCase[] = [
  ...ELEVENLABS,
  ["voice_id", { voice: "nova" }, "openai", "speech", { voice: "nova" }],
  ["speed", speaks({ speed: 1.5 }), "openai", "speech", { speed: 1.5 }],
  ["speed", speaks({ speed: 1.1 }), "elevenlabs", "speech", { voice_settings: { speed: 1.1 } }],
  ["emotion", speaks({ emotion: "calm" }), "openai", "speech", {
    instructions: "Speak with this emotion: calm.",
  }],
  ["output_format", speaks({ output_format: "wav" }), "openai", "speech", {
    response_format: "wav",
  }],
  ["output_format", speaks({ output_format: "pcm" }), "openai", "speech", {
    response_format: "mp3",
  }],
  ["fallback_voice_ids", WITH_FALLBACK, "openai", "speech", { voice: "echo" }],
  ["language", hears({ language: "de" }), "openai", "transcription", { language: "de" }],
  ["language", hears({ language: "de" }), "deepgram", "transcription", { language: "de" }],
  ["keywords", hears({ keywords: ["Zug", "Uri"] }), "openai", "transcription", {
    prompt: "Zug, Uri",
  }],
  ["keywords", hears({ keywords: ["Uri"] }), "deepgram", "transcription", { keyterm: "Uri" }],
  ["smart_format", hears({ smart_format: true }), "deepgram", "transcription", {
    smart_format: "true",
  }],
  ["smart_format", hears({ smart_format: true }), "openai", "transcription", {
    smart_format: undefined,
  }],
  ["profanity_filter", hears({ profanity_filter: true }), "deepgram", "transcription", {
    profanity_filter: "true",
  }],
  ["redaction", hears({ redaction: ["pii"] }), "deepgram", "transcription", { redact: "pii" }],
];

function speaks(stated: Record<string, unknown>): Partial<VoiceSession> {
  return { voice_settings: { fallback_voice_ids: [], ...stated } };
}

function hears(stated: Record<string, unknown>): Partial<VoiceSession> {
  return { speech_processing: { keywords: [], redaction: [], ...stated } };
}

const DEEPGRAM = {
  results: { channels: [{ alternatives: [{ transcript: "Hi", confidence: 0.5 }] }] },
};

/**
 * A conversation in which one kind of turns goes to vendors of one API, with the caller's own key.
 */
function startAt(api_format: string, kind: string, spoken: Answer = answer): ChatFixture {
  const chat = startChat((call) =>
    call.path.endsWith("listen") ? Response.json(DEEPGRAM) : spoken(call)
  );
  chat.deps.decryptKey = () => Promise.resolve("sk-own");
  const encrypted_key = "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA";
  const keys = [{ id: "own", user_id: "a", vendor_id: "openrouter", encrypted_key }];
  const begin = chat.database.beginTurn;
  chat.database.beginTurn = (caller, request) => {
    chat.route = request.kind === kind ? { api_format, credential: "own", keys } : {};
    return begin(caller, request);
  };
  return chat;
}

for (const [field, agent, api, kind, sent] of FIELDS) {
  Deno.test(`${kind} of ${api} is sent what the agent's ${field} says`, async () => {
    await using chat = startAt(api, kind);
    const response = await answerAudio(say(), chat.deps, memoryRecordings(agent));
    equal(response.status, 200, await response.text());
    const call = chat.upstream.received[kind === "speech" ? 2 : 0];
    const body = call?.body instanceof Uint8Array
      ? Object.fromEntries(new URLSearchParams(call.search))
      : Array.isArray(call?.body)
      ? Object.fromEntries(call.body.map(([name, value]: [string, string]) => [name, value]))
      : call?.body;
    for (const [name, value] of Object.entries(sent)) deepEqual(body[name], value, name);
  });
}

Deno.test("each field that a voice turn applies is tried", async () => {
  const page = await Deno.readTextFile(
    new URL("../../../docs/agent-configuration.md", import.meta.url),
  );
  const [, listed = ""] = page.match(/^- \*\*voice\*\*, \d+: (.*)\.$/m) ?? [];
  // Postgres chooses the models. The other two, below, decide what is sent and stored at all.
  const elsewhere = ["confidence_threshold", "model", "model", "recording"];
  deepEqual(
    [...listed.matchAll(/`\w+\.(\w+)`/g)].map(([, name]) => name).sort(),
    [...new Set(FIELDS.map(([field]) => field)), ...elsewhere].sort(),
  );
});

Deno.test("a setting of a voice that its field does not take is left out alone", async () => {
  const stated = {
    stability: 7,
    similarity_boost: 0.4,
    style: "loud",
    use_speaker_boost: 1,
    speed: 1.5,
    emotion: ["calm"],
    fallback_voice_ids: "echo",
    output_format: "wav",
  };
  const heard = { language: 5, keywords: ["Uri"], confidence_threshold: "high", redaction: 1 };
  const { audioDatabase: database } = memoryRecordings();
  const session = voiceSessionSchema.parse({
    ...await database.beginVoiceTurn({ userId: "a" }, { idempotency_key: null }),
    voice_settings: stated,
    speech_processing: heard,
  });
  deepEqual(session.voice_settings, {
    stability: null,
    similarity_boost: 0.4,
    style: null,
    use_speaker_boost: null,
    speed: 1.5,
    emotion: null,
    fallback_voice_ids: [],
    output_format: "wav",
  });
  deepEqual(session.speech_processing, {
    language: null,
    keywords: ["Uri"],
    confidence_threshold: null,
    redaction: [],
  });
});

Deno.test("what was hardly heard is not answered", async () => {
  for (const [least, calls] of [[0.5, 3], [0.6, 1]] as const) {
    await using chat = startAt("deepgram", "transcription");
    const memory = memoryRecordings(hears({ confidence_threshold: least }));
    await (await answerAudio(say(), chat.deps, memory)).text();
    equal(chat.upstream.received.length, calls);
  }
});

Deno.test("an agent may keep no recordings", async () => {
  await using chat = startChat(answer);
  const memory = memoryRecordings({ is_recorded: false });
  const { recording, audio } = await (await answerAudio(say(), chat.deps, memory)).json();
  deepEqual([recording, audio.path, memory.stored.size], [null, null, 0]);
});

Deno.test("each part of a voice turn belongs to the execution that it names", async () => {
  await using chat = startChat(answer);
  const id = "00000000-0000-4000-8000-0000000000e1";
  const headers = { "x-execution-id": id, "x-parent-node-id": "node" };
  await (await answerAudio(say({}, headers), chat.deps)).text();
  const named = { workflow_id: null, id, parent_node_id: "node" };
  deepEqual(chat.database.turns.map(({ request }) => request.execution), [named, named, named]);
  const refused = await answerAudio(say({}, { "x-execution-id": "x" }), chat.deps);
  deepEqual([refused.status, (await refused.json()).error.param], [400, "x-execution-id"]);
});

const LONG = Array.from({ length: 200 }, (_, at) => `This is sentence number ${at}. `).join("");

/** A vendor with a long answer, whose speech is one byte per character. */
const lengthy: Answer = (call) => {
  if (call.path.endsWith("completions")) {
    return stream(chunk({ content: LONG }), chunk({}, { finish_reason: "stop" }), data("[DONE]"));
  }
  if (!call.path.includes("spe")) return answer(call);
  const text = call.body.input ?? call.body.text;
  const isWav = call.body.response_format === "wav";
  const sound = new Uint8Array(isWav ? 2 * text.length : text.length);
  const bytes = isWav ? files.wavOf(sound) : sound;
  return new Response(bytes, { headers: { "content-type": "audio/mpeg" } });
};

for (
  const [api, form, pieces] of [
    ["openai", "mp3", 2],
    ["openai", "aac", 2],
    ["deepgram", "mp3", 3],
    ["openai", "wav", 4],
  ] as const
) {
  Deno.test(`a long answer is spoken by ${api} as ${form} in ${pieces} calls`, async () => {
    await using chat = startAt(api, "speech", lengthy);
    const memory = memoryRecordings({ speech_api: api });
    const headers = { "idempotency-key": "k" };
    const request = say({ response_format: form }, headers);
    const { audio, error } = await (await answerAudio(request, chat.deps, memory)).json();
    equal(error, null);
    const spoken = chat.upstream.received.slice(2).map(({ body }) => body.input ?? body.text);
    equal(spoken.length, pieces);
    const most = form === "wav" ? 1500 : api === "deepgram" ? 2000 : 4096;
    ok(spoken.every((text) => text.length <= most && text.endsWith(". ")));
    equal(spoken.join(""), LONG.slice(0, audio.characters));
    equal(audio.characters, LONG.length);
    // All of it is one recording, with one header.
    const bytes = memory.stored.get(audio.path)?.bytes.length;
    const length = form === "wav" ? 44 + 2 * LONG.length : LONG.length;
    deepEqual([bytes, atob(audio.data).length], [length, length]);
    const keys = chat.database.turns.map(({ request }) => request.idempotency_key);
    equal(new Set(keys).size, 2 + pieces);
  });
}

Deno.test("slow speech is spoken in shorter pieces, so that each can be repeated", async () => {
  await using chat = startAt("openai", "speech", lengthy);
  const memory = memoryRecordings({ voice_settings: { speed: 0.5, fallback_voice_ids: [] } });
  const { audio } = await (await answerAudio(say(), chat.deps, memory)).json();
  const spoken = chat.upstream.received.slice(2).map(({ body }) => body.input);
  ok(spoken.every((text) => text.length <= 2048));
  deepEqual([spoken.join(""), audio.characters], [LONG, LONG.length]);
});

for (
  const { mebibytes, what, calls, most } of [
    { mebibytes: 6, what: "no further piece is begun", calls: 4, most: 24 },
    { mebibytes: 26, what: "a piece that is longer breaks off", calls: 1, most: 25 },
  ]
) {
  Deno.test(`an answer has at most 25 MiB of speech: ${what}`, async () => {
    const text = LONG.repeat(5);
    const sound = new Uint8Array(mebibytes * 1024 * 1024);
    await using chat = startChat((call) => {
      if (call.path.endsWith("completions")) {
        return stream(
          chunk({ content: text }),
          chunk({}, { finish_reason: "stop" }),
          data("[DONE]"),
        );
      }
      if (!call.path.endsWith("speech")) return answer(call);
      return new Response(sound, { headers: { "content-type": "audio/mpeg" } });
    });
    const memory = memoryRecordings();
    const { audio, error } = await (await answerAudio(say(), chat.deps, memory)).json();
    const bytes = Uint8Array.fromBase64(audio.data).length;
    ok(bytes > 0 && bytes <= most * 1024 * 1024, `${bytes} bytes`);
    equal(memory.stored.get(audio.path)?.bytes.length, bytes);
    const spoken = chat.upstream.received.slice(2).map(({ body }) => body.input);
    deepEqual([spoken.length, error?.code], [calls, calls === 1 ? "upstream_error" : undefined]);
    equal(audio.characters, calls === 1 ? 0 : spoken.join("").length);
  });
}

Deno.test("a piece that fails ends the speech: those before it are kept, and none is asked for after it", async () => {
  let calls = 0;
  await using chat = startAt("deepgram", "speech", (call) => {
    if (call.path.includes("speak") && ++calls === 2) {
      return Response.json({ err_msg: "too many requests" }, { status: 400 });
    }
    return lengthy(call);
  });
  const memory = memoryRecordings({ speech_api: "deepgram" });
  const { text, audio, error } = await (await answerAudio(say(), chat.deps, memory)).json();
  deepEqual([text, calls], [LONG, 2]);
  ok(error.code);
  const [first] = splitText(LONG, 2000);
  const bytes = memory.stored.get(audio.path)?.bytes.length;
  deepEqual([audio.characters, atob(audio.data).length, bytes], [0, first?.length, first?.length]);
});

Deno.test("a repeated voice turn continues the speech that broke off, and stores all of it", async () => {
  let calls = 0;
  await using chat = startAt("deepgram", "speech", (call) => {
    if (call.path.includes("speak") && ++calls === 2) {
      return Response.json({ err_msg: "down" }, { status: 400 });
    }
    return lengthy(call);
  });
  const { database } = chat;
  const begin = database.beginTurn;
  database.beginTurn = async (caller, request) => {
    for (const [at, { request: earlier, turn }] of database.turns.entries()) {
      if (earlier.idempotency_key !== request.idempotency_key) continue;
      const { state, answer } = await database.settled(at);
      if (state !== "succeeded") continue;
      return { replay: { ...answer }, turn_id: turn.turn_id, session_id: null };
    }
    return await begin(caller, request);
  };
  const memory = memoryRecordings({ speech_api: "deepgram" });
  const headers = { "idempotency-key": "k" };
  const broken = await (await answerAudio(say({}, headers), chat.deps, memory)).json();
  ok(broken.error.code && broken.audio.path);
  const begun = chat.upstream.received.length;
  const whole = await (await answerAudio(say({}, headers), chat.deps, memory)).json();
  deepEqual([whole.error, whole.text, whole.audio.characters], [null, LONG, LONG.length]);
  equal(memory.stored.get(whole.audio.path)?.bytes.length, LONG.length);
  // What was said is stored already.
  equal(whole.recording, null);
  const [, second, third] = splitText(LONG, 2000);
  const spoken = chat.upstream.received.slice(begun).map(({ body }) => body.text);
  deepEqual(spoken, [second, third]);
});

Deno.test("no further piece is spoken to a client that waits for all of it and has left", async () => {
  const left = Promise.withResolvers<void>();
  const spoken = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let calls = 0;
  await using chat = startAt("deepgram", "speech", async (call) => {
    if (!call.path.includes("speak")) return lengthy(call);
    calls++;
    spoken.resolve();
    await left.promise;
    return lengthy(call);
  });
  const memory = memoryRecordings({ speech_api: "deepgram" });
  memory.audioDatabase.endVoiceTurn = () => Promise.resolve(ended.resolve());
  const response = await answerAudio(say(), chat.deps, memory);
  await spoken.promise;
  await response.body?.cancel();
  left.resolve();
  await ended.promise;
  equal(calls, 1);
  // The piece that was being synthesized is stored.
  const lengths = [...memory.stored.values()].map(({ bytes }) => bytes.length);
  ok(lengths.includes(splitText(LONG, 2000)[0]?.length ?? 0));
});

Deno.test("no further piece is spoken to a client that has left", async () => {
  const left = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let calls = 0;
  await using chat = startAt("deepgram", "speech", (call) => {
    if (!call.path.includes("speak")) return lengthy(call);
    calls++;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new Uint8Array(10));
        await left.promise;
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "audio/mpeg" } });
  });
  const memory = memoryRecordings({ speech_api: "deepgram" });
  memory.audioDatabase.endVoiceTurn = () => Promise.resolve(ended.resolve());
  const response = await answerAudio(say({ stream: "true" }), chat.deps, memory);
  let received = "";
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += text;
    if (!received.includes("speech.audio.delta")) continue;
    // So that the turn waits for the rest of the first piece when the client leaves.
    await new Promise((resolve) => setTimeout(resolve, 20));
    break;
  }
  left.resolve();
  await ended.promise;
  equal(calls, 1);
});

Deno.test("a text is split behind sentences, else behind spaces, and nothing of it is lost", () => {
  for (
    const [text, most, pieces] of [
      ["", 5, []],
      ["One two.", 8, ["One two."]],
      ["One. Two. Three.", 10, ["One. Two. ", "Three."]],
      ["One two three", 8, ["One two ", "three"]],
      ["aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]],
      ["🦑🦑🦑🦑🦑", 2, ["🦑🦑", "🦑🦑", "🦑"]],
      ["A. bbbbbbbbbbbb", 10, ["A. bbbbbbb", "bbbbb"]],
      ["Wo? «Da!» Gut.", 10, ["Wo? «Da!» ", "Gut."]],
      ["今日は雨。明日は「晴れ。」そう", 14, ["今日は雨。明日は「晴れ。」", "そう"]],
    ] as const
  ) deepEqual(splitText(text, most), pieces);
});
