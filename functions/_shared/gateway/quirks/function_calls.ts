/*
 * OpenAI's function calling before tools: `functions` and `function_call` in a request, the role
 * `function` for a result, and `function_call` in an answer. Deprecated since November 2023
 * ("Chat", platform.openai.com/docs/api-reference, 30 November 2026), still sent by older clients,
 * and unknown to most vendors. Requests are converted to tools, and answers converted back for
 * clients of functions. Function calls have no id, so their number in the conversation is used.
 */

/** A field of a request or a message. */
type Fields = Record<string, unknown>;

/** Converts function calls and their results in messages to tool calls and tool results. */
export function withToolMessages<Message extends Fields>(messages: readonly Message[]): Message[] {
  let calls = 0;
  return messages.map((message) => {
    const { function_call: called, ...rest } = message;
    if (rest.role === "function") {
      const { name: _name, content } = rest;
      return as<Message>(message, {
        role: "tool",
        content: content ?? "",
        tool_call_id: idOf(Math.max(0, calls - 1)),
      });
    }
    if (rest.role !== "assistant" || !isObject(called)) return message;
    const { name, arguments: given }: Fields = { ...called };
    const call = {
      id: idOf(calls++),
      type: "function",
      function: {
        name,
        arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}),
      },
    };
    return as<Message>(message, { ...rest, content: rest.content ?? null, tool_calls: [call] });
  });
}

/**
 * The id of the only call that an answer to these messages may have; undefined for a client of
 * tools. Further calls, from vendors that ignore `parallel_tool_calls`, are dropped, as no result
 * would follow.
 */
export function idOfFunctionCall(
  { functions, messages }: { functions?: unknown; messages: readonly Fields[] },
): string | undefined {
  if (!Array.isArray(functions) || functions.length === 0) return undefined;
  const ids = messages.flatMap(({ tool_calls }) => Array.isArray(tool_calls) ? tool_calls : []);
  return idOf(ids.length);
}

/**
 * Numbers function calls and their results from the beginning of the conversation. If a client
 * sends only its new messages, each request is numbered separately, and Anthropic refuses duplicate
 * ids ("tool_use ids must be unique").
 */
export function withNumberedCalls<Message extends Fields>(messages: readonly Message[]): Message[] {
  let calls = 0;
  const numbered = (call: unknown) =>
    isObject(call) && isNumbered(Reflect.get(call, "id")) ? { ...call, id: idOf(calls++) } : call;
  return messages.map((message) => {
    const { tool_calls, tool_call_id } = message;
    if (isNumbered(tool_call_id)) {
      return as<Message>(message, { ...message, tool_call_id: idOf(Math.max(0, calls - 1)) });
    }
    return Array.isArray(tool_calls)
      ? as<Message>(message, { ...message, tool_calls: tool_calls.map(numbered) })
      : message;
  });
}

/** Converts the functions of a request to tools, of which only one may be called at a time. */
export function withTools<Body extends Fields>(body: Body): Body {
  const { functions, function_call: choice, ...rest } = body;
  if (!Array.isArray(functions)) return body;
  if (functions.length === 0) return as<Body>(body, rest);
  return as<Body>(body, {
    ...rest,
    tools: functions.map((one) => ({ type: "function", function: one })),
    ...choice != null && {
      tool_choice: isObject(choice) ? { type: "function", function: choice } : choice,
    },
    parallel_tool_calls: false,
  });
}

/** Converts the first tool call of a message, or of a piece of one, to a function call. */
export function withFunctionCall({ tool_calls, ...rest }: Fields): Fields {
  const calls: unknown[] = Array.isArray(tool_calls) ? tool_calls : [];
  const first = calls.filter(isObject).find((call) => (Reflect.get(call, "index") ?? 0) === 0);
  const called: unknown = first && Reflect.get(first, "function");
  return called === undefined ? rest : { ...rest, function_call: called };
}

/** The finish reason for clients of functions. */
export function functionReason(reason: string | null): string | null {
  return reason === "tool_calls" ? "function_call" : reason;
}

/** Nine letters and digits, which all vendors accept. */
function idOf(number: number): string {
  return `fn${String(number).padStart(7, "0")}`;
}

function isNumbered(id: unknown): boolean {
  return typeof id === "string" && /^fn\d{7}$/.test(id);
}

/** Replaces the fields of a value, keeping its type. */
function as<Value>(_of: Value, fields: Fields): Value {
  // SAFETY: the fields of a message and of a request are open, and these are of their types.
  return fields as Value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
