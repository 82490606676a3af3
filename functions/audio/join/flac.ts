import {
  type FrameHeader,
  frameHeaderAt,
} from "../../_shared/gateway/formats/transcription/containers/flac.ts";
import { byteView } from "../../_shared/gateway/formats/transcription/containers/byte_view.ts";
import {
  checksumOf,
  frameChecksum,
  headerChecksum,
} from "../../_shared/gateway/formats/transcription/containers/checksums.ts";
import { joinBytes } from "../../_shared/gateway/respond/stream/sse_writer.ts";
import { type Joiner, JoinError } from "./joiner.ts";

/** Most bytes that are held until they are complete: the metadata blocks, or a frame. */
const MAX_WAITING = 1024 * 1024;

/** Bytes of the marker `fLaC`, of the header of a metadata block, and of the block STREAMINFO. */
const MARKER = 4;
const BLOCK = 4;
const STREAM = 34;

/** Most bytes of the header of a frame. */
const FRAME_HEAD = 16;

/** The smallest block size that a stream may declare, in samples. */
const LEAST_BLOCK = 16;

/**
 * Joins FLAC: the frames of all pieces after one STREAMINFO block. They are numbered by their first
 * sample, since the last frame of a piece is shorter than the others.
 */
export function flacJoiner(): Joiner {
  const nothing = new Uint8Array();
  let waiting: Uint8Array = nothing;
  let described: Uint8Array | null = null;
  let isInFrames = false;
  let samples = 0;
  /** How much of the first waiting frame has been read, and its checksum so far. */
  let read = 0;
  let sum = 0;

  function beginFrames(): Uint8Array {
    const stream = descriptionOf(waiting);
    if (!stream) return nothing;
    waiting = waiting.subarray(stream.end);
    isInFrames = true;
    if (described) {
      const known = described;
      // Sample rate, channels and bits per sample.
      const isSame = [10, 11, 12].every((at) => known[at] === stream.block[at]) &&
        (known[13] ?? 0) >> 4 === (stream.block[13] ?? 0) >> 4;
      if (!isSame) throw new JoinError("their sample formats differ");
      return nothing;
    }
    described = stream.block;
    return streamedHead(stream.block);
  }

  /** Removes the first frame from the waiting bytes, and numbers it. */
  function take(header: FrameHeader, length: number): Uint8Array {
    const frame = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    const made = renumbered(frame, header, samples);
    samples += header.samples;
    read = 0;
    sum = 0;
    return made;
  }

  function* frames(isEnd: boolean): Generator<Uint8Array> {
    for (let header = frameHeaderAt(waiting, 0); header; header = frameHeaderAt(waiting, 0)) {
      // An incomplete header may begin in the last bytes.
      const until = isEnd ? waiting.length : waiting.length - FRAME_HEAD;
      let end: number | null = null;
      for (; read < until && end === null; read++) {
        const isFrame = read > header.end && sum === 0 && waiting[read] === 0xff;
        if (isFrame && frameHeaderAt(waiting, read)) end = read;
        sum = frameChecksum(sum, waiting[read] ?? 0);
      }
      if (end === null && isEnd && sum === 0) end = waiting.length;
      if (end === null) return;
      yield take(header, end);
    }
    if (waiting.length > FRAME_HEAD) throw new JoinError("one of them is incomplete");
  }

  return {
    add(bytes) {
      waiting = joinBytes([waiting, bytes]);
      const head = isInFrames ? nothing : beginFrames();
      const made = isInFrames ? [head, ...frames(false)] : [head];
      if (waiting.length > MAX_WAITING) throw new JoinError("one of them has a block above 1 MiB");
      return joinBytes(made);
    },
    endPiece() {
      const made = isInFrames ? [...frames(true)] : [];
      if (!isInFrames || waiting.length > 0) throw new JoinError("one of them is incomplete");
      isInFrames = false;
      return joinBytes(made);
    },
  };
}

/** The STREAMINFO block, and where the frames begin; null as long as that is not known. */
function descriptionOf(bytes: Uint8Array): { block: Uint8Array; end: number } | null {
  const view = byteView(bytes);
  if (bytes.length < MARKER + BLOCK + STREAM) return null;
  if (view.text(0, MARKER) !== "fLaC") throw new JoinError("the vendor sent another format");
  const block = bytes.slice(MARKER + BLOCK, MARKER + BLOCK + STREAM);
  for (let at = MARKER; at + BLOCK <= bytes.length;) {
    const isLast = view.big(at, 1) >= 0x80;
    at += BLOCK + view.big(at + 1, 3);
    if (isLast) return at <= bytes.length ? { block, end: at } : null;
  }
  return null;
}

/** The beginning of a stream of unknown length. */
function streamedHead(block: Uint8Array): Uint8Array {
  const stream = block.slice();
  new DataView(stream.buffer).setUint16(0, LEAST_BLOCK);
  // The sizes of frames, the number of samples and their MD5 hash: 0 for unknown.
  stream.fill(0, 4, 10);
  stream[13] = (stream[13] ?? 0) & 0xf0;
  stream.fill(0, 14);
  return joinBytes([new TextEncoder().encode("fLaC"), Uint8Array.of(0x80, 0, 0, STREAM), stream]);
}

/** Numbers a frame by its first sample. */
function renumbered(frame: Uint8Array, header: FrameHeader, sample: number): Uint8Array {
  const head = joinBytes([
    Uint8Array.of(0xff, 0xf9, frame[2] ?? 0, frame[3] ?? 0),
    codedNumber(sample),
    frame.subarray(header.numberEnd, header.end - 1),
  ]);
  const made = joinBytes([
    head,
    Uint8Array.of(checksumOf(headerChecksum, head)),
    frame.subarray(header.end),
  ]);
  const sum = checksumOf(frameChecksum, made.subarray(0, -2));
  made.set([sum >> 8, sum & 0xff], made.length - 2);
  return made;
}

/** Encodes a number of up to 36 bits in the way of UTF-8. */
function codedNumber(value: number): Uint8Array {
  if (value < 0x80) return Uint8Array.of(value);
  let length = 2;
  while (length < 7 && value >= 2 ** (5 * length + 1)) length++;
  const coded = new Uint8Array(length);
  let rest = value;
  for (let at = length - 1; at > 0; at--) {
    coded[at] = 0x80 | rest % 64;
    rest = Math.floor(rest / 64);
  }
  coded[0] = (0xff << 8 - length & 0xff) | rest;
  return coded;
}
