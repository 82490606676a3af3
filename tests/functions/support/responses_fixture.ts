import OpenAI from "openai";
import { handleResponses } from "../../../functions/responses/handler.ts";
import { type ChatFixture, type ChatOverrides, startChat } from "./chat_fixture.ts";
import { memoryResponses } from "./memory_responses.ts";
import type { Answer } from "./upstream_server.ts";

/** The base address that clients are given. */
export const RESPONSES_URL = "http://127.0.0.1/functions/v1";

/** A responses function with a provider behind it, and OpenAI's client in front of it. */
export interface ResponsesFixture extends AsyncDisposable {
  chat: ChatFixture;
  openai: OpenAI;
  /** Calls the function. */
  fetch: typeof fetch;
  /** The number of calls by the client. */
  calls: () => number;
}

/** Starts a provider that answers as given, a responses function that calls it, and a client. */
export function startResponses(
  answer: Answer,
  overrides: ChatOverrides = {},
): ResponsesFixture {
  const chat = startChat(answer, overrides);
  const responses = memoryResponses(chat.database);
  let calls = 0;
  const call: typeof fetch = (input, init) => {
    calls++;
    return handleResponses(new Request(input, init), { ...chat.deps, responses });
  };
  return {
    chat,
    fetch: call,
    openai: new OpenAI({ apiKey: "unused", baseURL: RESPONSES_URL, fetch: call }),
    calls: () => calls,
    [Symbol.asyncDispose]: () => chat[Symbol.asyncDispose](),
  };
}
