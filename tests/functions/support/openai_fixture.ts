import OpenAI from "openai";
import type { TurnHandlerDeps } from "../../../functions/_shared/gateway/turn_handler.ts";
import { type ChatFixture, type ChatOverrides, startChat } from "./chat_fixture.ts";
import type { Answer } from "./upstream_server.ts";

/** A function that takes turns with a provider behind it, and OpenAI's client in front of it. */
export interface OpenaiFixture extends AsyncDisposable {
  chat: ChatFixture;
  openai: OpenAI;
  /** Calls the function. */
  fetch: typeof fetch;
}

/** Starts a provider that answers as given, and a client of a function that calls it. */
export function startOpenai(
  handle: (request: Request, deps: TurnHandlerDeps) => Promise<Response>,
  answer: Answer,
  overrides: ChatOverrides = {},
): OpenaiFixture {
  const chat = startChat(answer, overrides);
  const call: typeof fetch = (input, init) => handle(new Request(input, init), chat.deps);
  return {
    chat,
    fetch: call,
    openai: new OpenAI({
      apiKey: "unused",
      baseURL: "http://127.0.0.1/functions/v1",
      maxRetries: 0,
      fetch: call,
    }),
    [Symbol.asyncDispose]: () => chat[Symbol.asyncDispose](),
  };
}
