/**
 * RESP2, the protocol that Redis speaks: how a command is written and a reply is read.
 *
 * A status and a string are kept apart, which clients for Redis merge: the REST form encodes the one
 * and not the other.
 */

import { Buffer } from "node:buffer";

/** A command: its name and its arguments. Text goes out as UTF-8, bytes as they are. */
export type RedisCommand = readonly (string | Uint8Array)[];

/** What Redis answers to one command. */
export type RedisReply =
  | { type: "status"; text: string }
  | { type: "error"; message: string }
  | { type: "integer"; value: number }
  | { type: "string"; bytes: Uint8Array | null }
  | { type: "array"; items: RedisReply[] | null };

const encoder = new TextEncoder();
const lineEnd = encoder.encode("\r\n");
const newline = 10;

/** Writes commands, one after the other, as Redis reads them. */
export function encodeCommands(commands: readonly RedisCommand[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const command of commands) {
    parts.push(encoder.encode(`*${command.length}\r\n`));
    for (const argument of command) {
      const bytes = typeof argument === "string" ? encoder.encode(argument) : argument;
      parts.push(encoder.encode(`$${bytes.length}\r\n`), bytes, lineEnd);
    }
  }
  return Buffer.concat(parts);
}

/**
 * Makes a reader of the replies in a stream of bytes, however the bytes are cut into chunks.
 *
 * @returns a function that reads the next reply. It rejects when the stream ends or is not RESP2.
 */
export function createReplyReader(stream: ReadableStream<Uint8Array>): () => Promise<RedisReply> {
  const reader = stream.getReader();
  let chunk: Uint8Array = new Uint8Array();

  async function more(): Promise<void> {
    const { done, value } = await reader.read();
    if (done) throw new Error("Cannot read a reply of Redis: the connection has ended");
    chunk = value;
  }

  async function readBytes(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (chunk.length === 0) await more();
      const taken = chunk.subarray(0, length - filled);
      bytes.set(taken, filled);
      filled += taken.length;
      chunk = chunk.subarray(taken.length);
    }
    return bytes;
  }

  async function readLine(): Promise<string> {
    const decoder = new TextDecoder();
    let line = "";
    while (true) {
      const end = chunk.indexOf(newline);
      line += decoder.decode(chunk.subarray(0, end < 0 ? chunk.length : end), { stream: end < 0 });
      if (end >= 0) {
        chunk = chunk.subarray(end + 1);
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      await more();
    }
  }

  async function readReply(): Promise<RedisReply> {
    const line = await readLine();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return { type: "status", text: rest };
      case "-":
        return { type: "error", message: rest };
      case ":":
        return { type: "integer", value: readInteger(rest) };
      case "$": {
        const length = readInteger(rest);
        if (length < 0) return { type: "string", bytes: null };
        const bytes = await readBytes(length);
        await readBytes(lineEnd.length);
        return { type: "string", bytes };
      }
      case "*": {
        const length = readInteger(rest);
        if (length < 0) return { type: "array", items: null };
        const items: RedisReply[] = [];
        while (items.length < length) items.push(await readReply());
        return { type: "array", items };
      }
      default:
        throw new Error(`Cannot read a reply of Redis: it begins with "${line.slice(0, 20)}"`);
    }
  }
  return readReply;
}

function readInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) {
    throw new Error(`Cannot read a reply of Redis: "${text.slice(0, 20)}" is not a number`);
  }
  return Number(text);
}
