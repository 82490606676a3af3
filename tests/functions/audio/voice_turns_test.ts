import { deepEqual, equal, rejects } from "node:assert/strict";
import { audioDatabase } from "../../../functions/audio/db.ts";
import { createAccessKeyGuard } from "../../../functions/_shared/auth/access_key_guard.ts";
import { TRIES_A_MINUTE } from "../../../functions/_shared/auth/try_limiter.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { answerAudio, memoryRecordings } from "../support/audio_fixture.ts";
import * as files from "../support/audio_files.ts";
import { startChat } from "../support/chat_fixture.ts";
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
  await using chat = startChat(answer, { deps: { admission } });
  for (const request of [say(), say({ stream: "true" })]) {
    const response = await answerAudio(request, chat.deps);
    const text = await response.text();
    deepEqual([response.status, text.includes("It is noon.")], [200, true], text);
  }
  const open = await answerAudio(say({ stream: "true" }), chat.deps);
  equal((await answerAudio(say(), chat.deps)).status, 503);
  await open.body?.cancel();
  const after = await answerAudio(say(), chat.deps);
  equal(after.status, 200, await after.text());
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
