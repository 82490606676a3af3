import { deepEqual, equal } from "node:assert/strict";
import { openRecordings } from "../../../functions/_shared/net/storage.ts";
import { answerAudio, memoryRecordings } from "../support/audio_fixture.ts";
import { startChat } from "../support/chat_fixture.ts";

const removal = (headers: Record<string, string>) =>
  new Request("http://127.0.0.1/audio/recordings/remove", { method: "POST", headers });
const KEY = { apikey: "the key of the scheduler" };

Deno.test("only the scheduler deletes the recordings of deleted messages, until none is left", async () => {
  await using chat = startChat(() => new Response());
  const memory = memoryRecordings();
  memory.due.push(...Array.from({ length: 250 }, (_, at) => `${at}.webm`));
  const batches: number[] = [];
  memory.recordings.remove = (paths) => {
    batches.push(paths.length);
    return Promise.resolve();
  };
  const strangers: Record<string, string>[] = [{}, { apikey: "wrong" }, {
    authorization: "Bearer x",
  }];
  for (const headers of strangers) {
    equal((await answerAudio(removal(headers), chat.deps, memory)).status, 401);
  }
  const response = await answerAudio(removal(KEY), chat.deps, memory);
  deepEqual(await response.json(), { run_id: null, removed: 250 });
  deepEqual([batches, memory.due], [[100, 100, 50], []]);
});

Deno.test("what Storage does not delete stays queued", async () => {
  await using chat = startChat(() => new Response());
  const memory = memoryRecordings();
  memory.due.push("a.webm");
  const answers = [() => Response.json({ message: "gone" }, { status: 500 }), () => {
    throw new TypeError("connection refused");
  }];
  for (const answer of answers) {
    const calls: Request[] = [];
    memory.recordings = openRecordings({
      supabaseUrl: "http://project",
      secretKey: "sb_secret_x",
      fetch: (input, init) => {
        calls.push(new Request(input, init));
        return Promise.resolve().then(answer);
      },
    });
    const response = await answerAudio(removal(KEY), chat.deps, memory);
    deepEqual([response.status, (await response.json()).error.code, memory.due], [
      503,
      "storage_unavailable",
      ["a.webm"],
    ]);
    const [call] = calls;
    deepEqual([call?.method, call?.url, call?.headers.get("apikey")], [
      "DELETE",
      "http://project/storage/v1/object/voice",
      "sb_secret_x",
    ]);
    deepEqual(await call?.json(), { prefixes: ["a.webm"] });
  }
});

Deno.test("a recording that Storage lacks is not found, and unavailable if Storage fails", async () => {
  const invalidRange = '{"statusCode":"416","error":"InvalidRange","message":"hush"}';
  for (
    const [status, body, range, code] of [
      [400, "hush", null, "recording_not_found"],
      [404, "hush", "bytes=9-", "recording_not_found"],
      [429, "hush", null, "storage_unavailable"],
      [500, "hush", null, "storage_unavailable"],
      [503, invalidRange, "bytes=9-", "storage_unavailable"],
      [416, "hush", "bytes=9-", "range_not_satisfiable"],
      [400, invalidRange, "bytes=9-", "range_not_satisfiable"],
      [400, invalidRange, null, "recording_not_found"],
    ] as const
  ) {
    const recordings = openRecordings({
      supabaseUrl: "http://project",
      secretKey: "sb_secret_x",
      fetch: () => Promise.resolve(new Response(body, { status })),
    });
    const thrown = await recordings.read("a.webm", range).catch((error) => error);
    deepEqual([status, body, range, thrown.code], [status, body, range, code]);
  }
});
