import { equal, ok, throws } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createAdmission } from "../../../functions/_shared/http/admission.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { until } from "../support/redis_faults.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const declaring = (bytes: number) =>
  new Request("http://x.test", { headers: { "content-length": String(bytes) } });
const busy = (error: unknown) =>
  error instanceof ApiError && error.status === 503 && error.code === "server_busy" &&
  Number(error.headers["retry-after"]) > 0;

Deno.test("a declared body reserves its bytes until it is released, once", () => {
  const admission = createAdmission(100);
  const first = admission.enter(declaring(60));
  const second = admission.enter(declaring(40));
  throws(() => admission.enter(declaring(1)), busy);
  first.leave();
  first.leave();
  throws(() => admission.enter(declaring(61)), busy, "only once");
  admission.enter(declaring(60)).leave();
  second.leave();
  admission.enter(declaring(100)).leave();
});

Deno.test("an undeclared body reserves its bytes as they arrive, a declared one not twice", () => {
  const admission = createAdmission(100);
  const declared = admission.enter(declaring(50));
  declared.arrived(50);
  const silent = admission.enter(new Request("http://x.test"));
  silent.arrived(50);
  throws(() => silent.arrived(51), busy);
  silent.leave();
  declared.arrived(90);
  throws(() => admission.enter(declaring(11)), busy, "more than was declared");
});

Deno.test("a small body is admitted however much a large one reserves", () => {
  const admission = createAdmission(100, 10);
  const large = admission.enter(declaring(95));
  admission.enter(declaring(10)).arrived(10);
  const growing = admission.enter(new Request("http://x.test"));
  growing.arrived(10);
  throws(() => growing.arrived(11), busy, "it is large now");
  throws(() => admission.enter(declaring(11)), busy);
  large.leave();
  growing.arrived(100);
});

Deno.test("a body larger than the whole budget is admitted alone", () => {
  const admission = createAdmission(100);
  const large = admission.enter(declaring(150));
  throws(() => admission.enter(declaring(1)), busy);
  large.leave();
  admission.enter(declaring(1));
  throws(() => admission.enter(declaring(150)), busy);
});

Deno.test("of five large chats at once those without room get a 503, and are admitted later", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await using chat = startChat(async () => {
    await answered;
    return completion("hi");
  }, { deps: { admission: createAdmission(1_000) } });
  const large = { messages: [{ role: "user", content: "x".repeat(900) }] };
  const length = String(JSON.stringify(large).length);
  const all = Array.from({ length: 5 }, () => chat.post(large, { "content-length": length }));
  const refused: Response[] = [];
  for (const response of all) response.then((response) => refused.push(response));
  await until(() => refused.length >= 4 && chat.upstream.received.length === 1);
  equal(refused.length, 4);
  for (const response of refused) {
    equal(response.status, 503);
    ok(Number(response.headers.get("retry-after")) > 0);
    equal((await response.json()).error.code, "server_busy");
  }
  equal(chat.database.turns.length, 1, "nothing was begun for the others");
  answer();
  await Promise.all(all);
  equal((await chat.post(large)).status, 200);
});

Deno.test("a stream releases its bytes when it ends, a refused request at once", async () => {
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  await using chat = startChat(
    () =>
      stream(
        chunk({ content: "hi" }),
        () => goOn,
        chunk({}, { finish_reason: "stop" }),
        data("[DONE]"),
      ),
    { deps: { admission: createAdmission(100) } },
  );
  const length = { "content-length": "90" };
  const response = await chat.post({ ...HELLO, stream: true }, length);
  equal(response.status, 200);
  equal((await chat.post(HELLO, length)).status, 503);
  resolve();
  await response.text();
  const isRefused = async () => (await chat.post({ messages: [] }, length)).status === 400;
  await until(isRefused);
  await until(isRefused);
});
