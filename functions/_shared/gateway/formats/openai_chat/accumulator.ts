import { type Measured, readUsage } from "../../quirks/usage_shapes.ts";
import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import type { Chunk } from "./chunk.ts";
import type { Answer } from "../../settle/outcome.ts";
import { createContinuation } from "../../quirks/continuation_fields.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";

/** Puts a streamed answer together again, for storage. */
export interface Accumulator {
  /** Adds a chunk. */
  take(chunk: Chunk): void;
  /** Whether the model has said or thought anything. */
  readonly hasOutput: boolean;
  /** Why the model stopped; null until it has. */
  readonly finishReason: string | null;
  /** By what the vendor knows the answer; null until it has said so. */
  readonly id: string | null;
  /** All text so far, for estimates: content, refusal and the arguments of calls. */
  readonly text: string;
  /** The reasoning so far, likewise: it is no part of the answer. */
  readonly reasoning: string;
  /** Whether the model went on after the vendor had measured it. */
  readonly isBeyondUsage: boolean;
  /** The answer so far; usage is null unless it was measured. */
  answer(): Answer;
}

interface ToolCall {
  [field: string]: unknown;
  function: { name: string; arguments: string };
}

/**
 * Makes an empty transcript.
 *
 * @param elapsed Milliseconds since the request, for the time to the first token.
 */
export function createAccumulator(elapsed: () => number): Accumulator {
  let content = "";
  let refusal = "";
  let reasoning = "";
  const calls = new Map<number, ToolCall>();
  const continuation = createContinuation();
  let finishReason: string | null = null;
  let id: string | null = null;
  let model: string | null = null;
  let measured: Measured | null = null;
  let measuredLength = 0;
  let firstTokenMs: number | null = null;

  function takeCall({ index, function: piece, ...fields }: ToolCallDelta): void {
    const call = calls.get(index) ?? { type: "function", function: { name: "", arguments: "" } };
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined && value !== "") call[name] = value;
    }
    if (piece?.name && !call.function.name) call.function.name = piece.name;
    call.function.arguments += piece?.arguments ?? "";
    calls.set(index, call);
  }

  /** Of all that the model said and thought. */
  function length(): number {
    let sum = content.length + refusal.length + reasoning.length;
    for (const call of calls.values()) {
      sum += call.function.name.length + call.function.arguments.length;
    }
    return sum;
  }

  const allCalls = () => [...calls].sort(([a], [b]) => a - b).map(([, call]) => call);

  return {
    take(chunk) {
      content += chunk.delta?.content ?? "";
      refusal += chunk.delta?.refusal ?? "";
      reasoning += reasoningText(chunk.delta ?? {});
      continuation.take(chunk.delta ?? {});
      chunk.delta?.tool_calls?.forEach(takeCall);
      finishReason = chunk.finishReason ?? finishReason;
      id ??= chunk.id;
      model ??= chunk.model;
      const usage = readUsage(chunk.usage);
      if (usage) [measured, measuredLength] = [usage, length()];
      if (this.hasOutput) firstTokenMs ??= elapsed();
    },
    get hasOutput() {
      return content !== "" || refusal !== "" || calls.size > 0 || reasoning !== "";
    },
    get isBeyondUsage() {
      return measured !== null && length() > measuredLength;
    },
    get finishReason() {
      return finishReason;
    },
    get id() {
      return id;
    },
    get text() {
      const called = [...calls.values()].map((call) =>
        call.function.name + call.function.arguments
      );
      return content + refusal + called.join("");
    },
    get reasoning() {
      return reasoning;
    },
    answer: () => ({
      content: content || refusal || null,
      tool_calls: calls.size > 0 ? allCalls() : null,
      continuation: continuation.value(),
      finish_reason: finishReason,
      model_used: model,
      usage: measured?.usage ?? null,
      provider_cost: measured?.cost ?? null,
      first_token_ms: firstTokenMs,
    }),
  };
}
