import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import OpenAI, { BadRequestError } from "openai";
import { lengthOf } from "../../../functions/_shared/gateway/formats/transcription/container.ts";
import { startDemoUpstream } from "./demo-upstream.ts";

async function withClient(test: (client: OpenAI) => Promise<void>): Promise<void> {
  const upstream = startDemoUpstream();
  try {
    await test(new OpenAI({ baseURL: upstream.url, apiKey: "none", maxRetries: 0 }));
  } finally {
    await upstream.stop();
  }
}

Deno.test("the demo model says that it is one, repeats its prompt, and counts earlier messages", async () => {
  await withClient(async (client) => {
    const first = await client.chat.completions.create({
      model: "any",
      messages: [{ role: "system", content: "Be kind." }, {
        role: "user",
        content: "Good morning",
      }],
    });
    match(
      first.choices[0]?.message.content ?? "",
      /^\[demo model\] You said: "Good morning"\. .*first/,
    );
    const { usage } = first;
    equal(usage?.total_tokens, (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    equal(usage?.prompt_tokens, 4);

    const second = await client.chat.completions.create({
      model: "any",
      messages: [
        { role: "user", content: "Good morning" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: [{ type: "text", text: "And now?" }] },
      ],
    });
    match(
      second.choices[0]?.message.content ?? "",
      /"And now\?"\. I was also given 2 earlier messages/,
    );
  });
});

Deno.test("a stream has the same words, and usage at its end when asked for", async () => {
  await withClient(async (client) => {
    const messages = [{ role: "user" as const, content: "Count" }];
    const whole = await client.chat.completions.create({ model: "any", messages });
    const stream = await client.chat.completions.create({
      model: "any",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    const words = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "");
    equal(words.join(""), whole.choices[0]?.message.content);
    ok(words.length > 10);
    deepEqual(chunks.at(-1)?.choices, []);
    deepEqual(chunks.at(-1)?.usage, whole.usage);
    equal(chunks.at(-2)?.choices[0]?.finish_reason, "stop");
  });
});

Deno.test("max_tokens cuts the answer and says so", async () => {
  await withClient(async (client) => {
    const { choices, usage } = await client.chat.completions.create({
      model: "any",
      messages: [{ role: "user", content: "Hello" }],
      max_tokens: 2,
    });
    deepEqual([choices[0]?.message.content, choices[0]?.finish_reason], [
      "[demo model] ",
      "length",
    ]);
    equal(usage?.completion_tokens, 2);
  });
});

Deno.test("an invalid request is refused with the reason", async () => {
  await withClient(async (client) => {
    await rejects(client.chat.completions.create({ model: "any", messages: [] }), (error) => {
      ok(error instanceof BadRequestError);
      match(error.message, /messages/);
      return true;
    });
  });
});

Deno.test("the demo upstream can be stopped during a stream", async () => {
  const upstream = startDemoUpstream();
  const response = await fetch(`${upstream.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: "any",
      messages: [{ role: "user", content: "word ".repeat(1000) }],
      stream: true,
    }),
  });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await upstream.stop();
});

Deno.test("the demo model answers audio requests with silence as long as the spoken text", async () => {
  await withClient(async (client) => {
    const file = new File([new Uint8Array(10)], "a.webm", { type: "audio/webm" });
    const { text } = await client.audio.transcriptions.create({ model: "any", file });
    match(text, /^\[demo model\]/);
    const input = "x".repeat(150);
    for (const response_format of ["mp3", "wav", "pcm"] as const) {
      const answer = await client.audio.speech.create({
        model: "any",
        voice: "alloy",
        input,
        response_format,
      });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const seconds = response_format === "pcm" ? bytes.length / 48_000 : lengthOf(bytes);
      ok(Math.abs(seconds - 10) < 0.1, `${response_format}: ${seconds}`);
    }
    await rejects(
      client.audio.speech.create({ model: "any", voice: "alloy", input, response_format: "flac" }),
      BadRequestError,
    );
  });
});
