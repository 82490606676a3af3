import { parseUpstreamJson } from "../../call/upstream_json.ts";
import { isErrorEvent, isForeign } from "../../quirks/heartbeats.ts";
import { errorReported } from "../../quirks/reported_errors.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { isPiece, objectIn, type Piece } from "./blocks.ts";
import { chatUsage, endOf, errorIn } from "./vendor_fields.ts";

/** Translates the events of one answer of Anthropic's API into chunks of OpenAI's chat. */
export function createChunkEvents(): (event: SseEvent) => SseEvent[] {
  const chunks = new ChunkEvents();
  return (event) => chunks.translate(event);
}

/** An open block, with the tool input received so far. */
interface OpenBlock {
  block: Piece;
  input: string;
}

class ChunkEvents {
  /** The fields that every chunk repeats, such as id and model. */
  #about: object = {};
  /** The usage so far: later events contain only changed fields. */
  #usage: Record<string, unknown> = {};
  /** The number of the last call. */
  #call = -1;
  #open: OpenBlock | null = null;

  translate({ event, data }: SseEvent): SseEvent[] {
    if (isForeign({ event, data })) return [{ event, data }];
    const json = parseUpstreamJson(data, "event");
    const index: unknown = Reflect.get(json, "index");
    switch (Reflect.get(json, "type") ?? event) {
      case "message_start":
        return this.#begin(objectIn(json, "message"));
      case "content_block_start":
        return [...this.#closeBlock(), ...this.#openBlock(index, blockIn(json))];
      case "content_block_delta":
        return this.#extendBlock(index, objectIn(json, "delta"));
      case "content_block_stop":
        return this.#closeBlock();
      case "message_delta":
        return [...this.#closeBlock(), ...this.#end(json)];
      case "message_stop":
        return [{ event: "message", data: "[DONE]" }];
      case "error":
        return [{ event: "error", data: JSON.stringify({ error: errorIn(json) }) }];
      default:
        // A server may send a whole completion as an event, and proxies have their own error
        // formats.
        return "choices" in json || isErrorEvent(event) || errorReported(json)
          ? [{ event, data }]
          : [];
    }
  }

  #begin(message: Record<string, unknown>): SseEvent[] {
    this.#about = { id: message.id, model: message.model };
    this.#usage = objectIn(message, "usage");
    return this.#chunk({ role: "assistant" }, { usage: chatUsage(this.#usage) });
  }

  #openBlock(index: unknown, block: Piece): SseEvent[] {
    this.#open = { block, input: "" };
    switch (block.type) {
      case "text":
        return block.text ? this.#chunk({ content: block.text }) : [];
      case "thinking":
        return block.thinking ? this.#chunk(thought(index, block.thinking)) : [];
      case "redacted_thinking":
        return this.#chunk(detail(index, { type: "reasoning.encrypted", data: block.data }));
      case "tool_use":
        this.#call++;
        return this.#callChunk({
          id: block.id,
          type: "function",
          function: { name: block.name, arguments: "" },
        });
      // A block without a type.
      case "":
        return [];
      default:
        return block.type.endsWith("tool_use") ? [] : this.#chunk({ anthropic: { block } });
    }
  }

  #extendBlock(index: unknown, delta: Record<string, unknown>): SseEvent[] {
    switch (delta.type) {
      case "text_delta":
        return this.#chunk({ content: delta.text });
      case "thinking_delta":
        return this.#chunk(thought(index, delta.thinking));
      case "signature_delta":
        return this.#chunk(detail(index, { type: "reasoning.text", signature: delta.signature }));
      case "citations_delta":
        return this.#chunk({ anthropic: { citation: delta.citation } });
      case "input_json_delta":
        if (this.#open) this.#open.input += String(delta.partial_json ?? "");
        return this.#open?.block.type === "tool_use"
          ? this.#callChunk({ function: { arguments: delta.partial_json } })
          : [];
      case undefined:
      case null:
        return typeof delta.text === "string" ? this.#chunk({ content: delta.text }) : [];
      default:
        return [];
    }
  }

  /** Closes the open block, if there is one: not every vendor sends `content_block_stop`. */
  #closeBlock(): SseEvent[] {
    if (!this.#open) return [];
    const { block, input } = this.#open;
    this.#open = null;
    if (block.type === "tool_use") {
      const given = JSON.stringify(block.input ?? {});
      return input === "" ? this.#callChunk({ function: { arguments: given } }) : [];
    }
    if (!block.type.endsWith("tool_use")) return [];
    return this.#chunk({ anthropic: { block: { ...block, input: parsedOr(input, block.input) } } });
  }

  #end(json: object): SseEvent[] {
    const said = Object.entries(objectIn(json, "usage")).filter(([, value]) => value !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
    return this.#chunk({}, { usage: chatUsage(this.#usage) }, endOf(objectIn(json, "delta")));
  }

  #callChunk(fields: object): SseEvent[] {
    return this.#chunk({ tool_calls: [{ index: this.#call, ...fields }] });
  }

  /** @param choice Fields of the choice other than its delta. */
  #chunk(delta: object, rest: object = {}, choice: object = {}): SseEvent[] {
    const choices = [{ index: 0, delta, finish_reason: null, ...choice }];
    return [{ event: "message", data: JSON.stringify({ ...this.#about, choices, ...rest }) }];
  }
}

function thought(index: unknown, text: unknown): object {
  return { reasoning_content: text, ...detail(index, { type: "reasoning.text", text }) };
}

function detail(index: unknown, fields: object): object {
  return { reasoning_details: [{ format: "anthropic-claude-v1", index, ...fields }] };
}

function blockIn(json: object): Piece {
  const block = objectIn(json, "content_block");
  return isPiece(block) ? block : { type: "" };
}

function parsedOr(text: string, usual: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return usual;
  }
}
