import { deepEqual, equal, fail, ok, rejects } from "node:assert/strict";
import { audioDatabase } from "../../../functions/audio/db.ts";
import { createAccessKeyGuard } from "../../../functions/_shared/auth/access_key_guard.ts";
import { TRIES_A_MINUTE } from "../../../functions/_shared/auth/try_limiter.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { answerAudio, memoryRecordings } from "../support/audio_fixture.ts";
import * as files from "../support/audio_files.ts";
import { type ChatFixture, startChat } from "../support/chat_fixture.ts";
import { type Answer, chunk, data, stream } from "../support/upstream_server.ts";

const QUESTION = files.webm(Array.from({ length: 50 }, () => files.opusPacket(15)));

/** A vendor that hears, answers and speaks. */
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

/** Resolves when there is room again. */
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
