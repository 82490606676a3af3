import { equal, match } from "node:assert/strict";
import { handleResponses } from "../../../functions/responses/handler.ts";
import { type ChatFixture, chatRequest, HELLO, startChat } from "../support/chat_fixture.ts";
import { memoryResponses } from "../support/memory_responses.ts";
import { HI, postMessages } from "../support/messages_fixture.ts";
import { completion } from "../support/upstream_server.ts";

/* Documents that clients send as PDFs, in each format. */

type Send = (chat: ChatFixture, file_data: string) => Promise<Response>;

const asUser = (...content: object[]) => [{ role: "user", content }];

const ENDPOINTS: Record<string, Send> = {
  "/chat/completions": (chat, file_data) =>
    chat.post({ ...HELLO, messages: asUser({ type: "file", file: { file_data } }) }),
  "/messages": (chat, file_data) => {
    const source = { type: "base64", media_type: "application/pdf", data: file_data.split(",")[1] };
    return postMessages(chat, { ...HI, messages: asUser({ type: "document", source }) });
  },
  "/responses": (chat, file_data) => {
    const input = asUser({ type: "input_file", filename: "bill.pdf", file_data });
    const request = chatRequest({ model: "gpt-4o", input }, {}, "/responses");
    return handleResponses(request, { ...chat.deps, responses: memoryResponses(chat.database) });
  },
};

const pdf = (bytes: string) => `data:application/pdf;base64,${bytes}`;

const REFUSED = {
  "text": pdf(btoa("Dear Sir or Madam")),
  "nothing": pdf(""),
  "no base64": pdf("JVBERi0*"),
  "a header after the first kilobyte": pdf(btoa(" ".repeat(2000) + "%PDF-1.7")),
};
const ACCEPTED = {
  "a header": pdf(btoa("%PDF-1.7\n")),
  "a header after other bytes": pdf(btoa("\xef\xbb\xbf" + " ".repeat(1000) + "%PDF-1.7")),
};

for (const [path, send] of Object.entries(ENDPOINTS)) {
  for (const [name, data] of Object.entries(REFUSED)) {
    Deno.test(`${path} refuses a PDF that is ${name}, and calls no vendor`, async () => {
      await using chat = startChat(() => completion("read"));
      const response = await send(chat, data);
      equal(response.status, 400);
      match((await response.json()).error.message, /application\/pdf is no PDF\. Send the bytes/);
      equal(chat.upstream.received.length, 0);
    });
  }
  for (const [name, data] of Object.entries(ACCEPTED)) {
    Deno.test(`${path} accepts a PDF that has ${name}`, async () => {
      await using chat = startChat(() => completion("read"));
      const response = await send(chat, data);
      equal(response.status, 200, await response.text());
      equal(JSON.stringify(chat.upstream.received[0]?.body).includes(data.slice(-12)), true);
    });
  }
}
