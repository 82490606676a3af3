import type { ToolCallDelta } from "../../quirks/tool_call_index.ts";
import { textOfCall } from "../../quirks/tool_call_shapes.ts";

/** A tool call, as far as it has arrived. */
export interface StreamedCall {
  [field: string]: unknown;
  function: { name: string; arguments: string };
}

/** The tool calls of a streamed answer, assembled from their pieces. */
export class CallList {
  readonly #calls = new Map<number, StreamedCall>();

  /** Adds a piece to its call. */
  take({ index, function: piece, ...fields }: ToolCallDelta): void {
    const call = this.#calls.get(index) ??
      { type: "function", function: { name: "", arguments: "" } };
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined && value !== "") call[name] = value;
    }
    if (piece?.name && !call.function.name) call.function.name = piece.name;
    call.function.arguments += piece?.arguments ?? "";
    this.#calls.set(index, call);
  }

  get isEmpty(): boolean {
    return this.#calls.size === 0;
  }

  /** Characters of all names and arguments. */
  get length(): number {
    let sum = 0;
    for (const { function: called } of this.#calls.values()) {
      sum += called.name.length + called.arguments.length;
    }
    return sum;
  }

  /** The text that the model wrote for all calls. */
  get text(): string {
    return [...this.#calls.values()].map(textOfCall).join("");
  }

  /** The calls in the order of their indexes; null if there are none. */
  all(): StreamedCall[] | null {
    if (this.isEmpty) return null;
    return [...this.#calls].sort(([a], [b]) => a - b).map(([, call]) => call);
  }
}
