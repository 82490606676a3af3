/*
 * Assistant messages as clients send them back: with null for absent fields (openai and LangChain
 * repeat the whole message), with an empty list of calls, or with the arguments of a call as an
 * object (agents that parse them). Vendors refuse unknown fields, nulls and empty lists: Groq
 * "property 'refusal' is unsupported", OpenAI "[] is too short - 'messages.1.tool_calls'", November
 * 2026. LangChain's older messages have an image's address as a text (its "Multimodal inputs", 30
 * November 2026).
 */

/**
 * A message in OpenAI's form, without its empty fields. `content` stays: some vendors require it.
 */
export function tidyMessage<Message extends object>(message: Message): Message {
  const fields = Object.entries(message).filter(([name, value]) =>
    name === "content" || (value !== null && !(name === "tool_calls" && isEmpty(value)))
  ).map(([name, value]) => [name, tidyField(name, value)]);
  // SAFETY: fields that may be null may be absent.
  return Object.fromEntries(fields) as Message;
}

function tidyField(name: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  if (name === "tool_calls") return value.map(tidyCall);
  return name === "content" ? value.map(tidyPart) : value;
}

function tidyPart(part: object): object {
  const url: unknown = Reflect.get(part, "image_url");
  return typeof url === "string" ? { ...part, image_url: { url } } : part;
}

function tidyCall(call: object): object {
  const called: unknown = Reflect.get(call, "function");
  if (typeof called !== "object" || called === null) return call;
  const given: unknown = Reflect.get(called, "arguments");
  if (typeof given !== "object" || given === null) return call;
  return { ...call, function: { ...called, arguments: JSON.stringify(given) } };
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
