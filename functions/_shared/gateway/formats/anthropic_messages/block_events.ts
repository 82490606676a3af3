import { sseEvents } from "../../respond/stream/sse_writer.ts";
import type { Piece } from "./blocks.ts";

/**
 * Writes the events of one message. Blocks never overlap, as clients expect each block to be closed
 * before the next one opens.
 */
export class BlockEvents {
  #events: { type: string }[] = [];
  /** Index of the block that was opened last; -1 before the first. */
  #index = -1;
  /** The type of the open block; null if none is open. */
  #type: string | null = null;
  #key: unknown = null;

  /**
   * Distinguishes the open block from others of its type; null if it has no key, or no block is
   * open.
   */
  get key(): unknown {
    return this.#key;
  }

  /** Whether the open block has this type and, where a key is given, this key. */
  isOpen(type: string, key: unknown = this.#key): boolean {
    return this.#type === type && this.#key === key;
  }

  /** Adds an event. */
  emit(type: string, fields: object): void {
    this.#events.push({ type, ...fields });
  }

  /** Opens a block, and closes the one before it. */
  open(block: Piece, key: unknown = null): void {
    this.close();
    this.#index++;
    this.#type = block.type;
    this.#key = key;
    this.emit("content_block_start", { index: this.#index, content_block: block });
  }

  /** Adds to the open block. */
  add(delta: object): void {
    this.emit("content_block_delta", { index: this.#index, delta });
  }

  /** Closes the open block, if there is one. */
  close(): void {
    if (this.#type === null) return;
    this.#type = null;
    this.#key = null;
    this.emit("content_block_stop", { index: this.#index });
  }

  /** The events since the last call, as they are sent. */
  take(): Uint8Array {
    const taken = sseEvents(this.#events);
    this.#events = [];
    return taken;
  }
}
