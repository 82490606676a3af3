import { explain } from "../../common/explain.ts";
import { type Caller, isNoToken } from "./callers.ts";
import { Channel, type Line } from "./channel.ts";
import { isTopic } from "./hub.ts";
import { type Frame, type FrameVersion, readFrame, writeFrame } from "./frames.ts";
import { JoinRefused, readJoin } from "./join-request.ts";
import { PerSecond } from "./per-second.ts";
import type { Server } from "./server.ts";

/** Channels that one connection may have. */
const mostChannels = 100;

/** Joins of a connection in a second, as on the platform. */
const mostJoins = 100;

/**
 * Bytes that may be queued for a client that does not read; above that it is disconnected, and
 * reconnects.
 */
const mostWaiting = 8 * 1024 * 1024;

/** Codes with which a connection is closed. */
export const closeCode = { tooSlow: 1011, restart: 1012 };

/** One WebSocket of a client, with its channels. */
export class Connection implements Line {
  readonly caller: Caller;
  readonly #server: Server;
  readonly #socket: WebSocket;
  readonly #version: FrameVersion;
  readonly #channels = new Map<string, Channel>();
  readonly #joins = new PerSecond(mostJoins);
  /**
   * The frame that each topic is processing: the frames of a channel are processed one after the
   * other.
   */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(server: Server, socket: WebSocket, version: FrameVersion, caller: Caller) {
    this.#server = server;
    this.#socket = socket;
    this.#version = version;
    this.caller = caller;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
  }

  send(frame: Frame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > mostWaiting) return this.close(closeCode.tooSlow, "too slow");
    this.#socket.send(writeFrame(this.#version, frame));
  }

  drop(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  /** Closes the socket; the client connects again by itself. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
    this.end();
  }

  /** Leaves all channels. */
  end(): void {
    for (const channel of this.#channels.values()) channel.leave();
    this.#channels.clear();
  }

  #take(data: unknown): void {
    const frame = readFrame(this.#version, data);
    if (frame === null) return;
    if (frame.topic === "phoenix") return this.#beat(frame);
    const before = this.#queues.get(frame.topic) ?? Promise.resolve();
    const work = before.then(() => this.#handle(frame)).catch((error) => {
      console.error(`/realtime/v1/: ${explain(error)}`);
    }).finally(() => {
      if (this.#queues.get(frame.topic) === work) this.#queues.delete(frame.topic);
    });
    this.#queues.set(frame.topic, work);
  }

  #beat({ ref, topic, event }: Frame): void {
    if (event === "heartbeat") this.#reply({ joinRef: null, ref, topic }, "ok", {});
  }

  async #handle(frame: Frame): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (frame.event === "phx_join") return await this.#join(frame);
    const channel = this.#channels.get(frame.topic);
    if (frame.event === "phx_leave") {
      this.#reply(frame, "ok", {});
      return channel?.close();
    }
    await channel?.take(frame);
  }

  async #join(frame: Frame): Promise<void> {
    const { topic, ref } = frame;
    this.#channels.get(topic)?.leave();
    this.#channels.delete(topic);
    const request = readJoin(frame.payload);
    try {
      if (!topic.startsWith("realtime:") || !isTopic(topic) || request === null) {
        throw new JoinRefused("UnmatchedTopic: the topic or the payload of the join is not valid");
      }
      if (!this.#joins.take()) {
        throw new JoinRefused("ClientJoinRateLimitReached: Too many joins per second");
      }
      if (this.#channels.size >= mostChannels) {
        throw new JoinRefused("ChannelRateLimitReached: Too many channels");
      }
      const channel = new Channel(this.#server, this, frame, {
        ...request,
        token: isNoToken(request.token) ? null : request.token,
      });
      this.#channels.set(topic, channel);
      await channel.join(ref);
      // The client may have gone while it joined.
      if (this.#channels.get(topic) !== channel) channel.leave();
    } catch (error) {
      this.#channels.get(topic)?.leave();
      this.#channels.delete(topic);
      if (!(error instanceof JoinRefused)) console.error(`/realtime/v1/: ${explain(error)}`);
      const reason = error instanceof JoinRefused ? error.message : "Internal server error";
      this.#reply(frame, "error", { reason });
    }
  }

  #reply(
    { joinRef, ref, topic }: Pick<Frame, "joinRef" | "ref" | "topic">,
    status: "ok" | "error",
    response: unknown,
  ): void {
    this.send({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
  }
}
