/** A message of the Phoenix protocol, in either direction. */
export interface Frame {
  /** The `ref` of the join that it belongs to; null where it belongs to none. */
  joinRef: string | null;
  /** What an answer repeats; null where none is expected. */
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

/** Forms of a frame: 1.0.0 an object, 2.0.0 an array, broadcasts binary. */
export type FrameVersion = "1.0.0" | "2.0.0";

/** The payload of the event `broadcast`. */
export interface Broadcast {
  type: "broadcast";
  event: string;
  /** JSON, or bytes where the client sent an ArrayBuffer. */
  payload: unknown;
  meta?: Record<string, unknown>;
}

/** The first byte of a binary frame: what a client pushes, and what a server sends. */
const clientBroadcast = 3;
const serverBroadcast = 4;

const binaryEncoding = 0;

/** Reads what a client sent. @returns null when it is no frame. */
export function readFrame(version: FrameVersion, data: unknown): Frame | null {
  try {
    if (data instanceof ArrayBuffer) return readBinary(new Uint8Array(data));
    if (typeof data !== "string") return null;
    const parsed: unknown = JSON.parse(data);
    if (version === "2.0.0") {
      if (!Array.isArray(parsed)) return null;
      const [joinRef, ref, topic, event, payload] = parsed;
      return frameOf({ join_ref: joinRef, ref, topic, event, payload });
    }
    return frameOf(Object(parsed));
  } catch {
    return null;
  }
}

/** Writes a frame for a client; a broadcast of bytes is binary, which 1.0.0 does not have. */
export function writeFrame(version: FrameVersion, frame: Frame): string | Uint8Array<ArrayBuffer> {
  const { joinRef, ref, topic, event, payload } = frame;
  if (version === "1.0.0") {
    return JSON.stringify({ join_ref: joinRef, ref, topic, event, payload });
  }
  if (isBroadcastOfBytes(payload)) return writeBinary(topic, payload);
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

function isBroadcastOfBytes(
  payload: unknown,
): payload is Broadcast & { payload: Uint8Array<ArrayBuffer> } {
  return Object(payload).payload instanceof Uint8Array;
}

function frameOf(fields: Record<string, unknown>): Frame | null {
  const { topic, event, payload } = fields;
  if (typeof topic !== "string" || typeof event !== "string") return null;
  const text = (value: unknown) =>
    typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
  return { joinRef: text(fields.join_ref), ref: text(fields.ref), topic, event, payload };
}

function readBinary(bytes: Uint8Array<ArrayBuffer>): Frame | null {
  const [kind, joinRefLength, refLength, topicLength, eventLength, metaLength, encoding] = bytes;
  if (kind !== clientBroadcast) return null;
  let offset = 7;
  const take = (length = 0) => {
    const part = new TextDecoder("utf-8", { fatal: true })
      .decode(bytes.subarray(offset, offset + length));
    offset += length;
    return part;
  };
  const joinRef = take(joinRefLength) || null;
  const ref = take(refLength) || null;
  const topic = take(topicLength);
  const event = take(eventLength);
  take(metaLength);
  const rest = bytes.slice(offset);
  const payload = encoding === binaryEncoding ? rest : JSON.parse(new TextDecoder().decode(rest));
  const broadcast: Broadcast = { type: "broadcast", event, payload };
  return { joinRef, ref, topic, event: "broadcast", payload: broadcast };
}

function writeBinary(
  topic: string,
  { event, payload, meta }: Broadcast & { payload: Uint8Array<ArrayBuffer> },
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const texts = [topic, event, meta ? JSON.stringify(meta) : ""].map((text) =>
    encoder.encode(text)
  );
  const header = [serverBroadcast, ...texts.map(({ length }) => length), binaryEncoding];
  const parts = [Uint8Array.from(header), ...texts, payload];
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
