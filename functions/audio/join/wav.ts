import { joinBytes } from "../../_shared/gateway/respond/stream/sse_writer.ts";
import { byteView } from "../../_shared/gateway/formats/transcription/containers/byte_view.ts";
import { type Joiner, JoinError } from "./joiner.ts";

/** Most bytes before the samples. */
const MAX_HEAD = 65_536;

/** The length in the header of a streamed file, whose samples extend to its end. */
const STREAMED = [0xff, 0xff, 0xff, 0xff];

/** A header of WAV. */
interface Head {
  /** The format chunk, including its name and size. */
  format: Uint8Array;
  /** Where the samples begin. */
  end: number;
  /** Bytes of samples; infinity if the header does not state it. */
  size: number;
}

/** Joins WAV: the samples of all pieces after one header, whose lengths are those of a stream. */
export function wavJoiner(): Joiner {
  const nothing = new Uint8Array();
  let waiting: Uint8Array = nothing;
  let first: Head | null = null;
  /** Bytes of samples of the piece: those to come, and those passed on. */
  let left: number | null = null;
  let passed = 0;

  const samples = (bytes: Uint8Array): Uint8Array => {
    const taken = bytes.subarray(0, Math.min(bytes.length, left ?? 0));
    left = (left ?? 0) - taken.length;
    passed += taken.length;
    return taken;
  };

  return {
    add(bytes) {
      if (left !== null) return samples(bytes);
      waiting = joinBytes([waiting, bytes]);
      const head = headOf(waiting);
      if (!head) return nothing;
      const isFirst = first === null;
      first ??= head;
      if (!isSame(head.format, first.format)) throw new JoinError("their sample formats differ");
      left = head.size;
      passed = 0;
      const sound = samples(waiting.subarray(head.end));
      waiting = nothing;
      return isFirst ? joinBytes([streamedHead(head), sound]) : sound;
    },
    endPiece() {
      if (left === null || first === null) throw new JoinError("one of them has no samples");
      left = null;
      // An incomplete sample would shift all samples of the next piece, which makes them noise.
      const block = blockOf(first);
      return new Uint8Array((block - passed % block) % block);
    },
  };
}

/** Parses the header of a file; null as long as it is incomplete. */
function headOf(bytes: Uint8Array): Head | null {
  const view = byteView(bytes);
  if (bytes.length < 12) return null;
  if (view.text(0, 4) !== "RIFF" || view.text(8, 4) !== "WAVE") {
    throw new JoinError("the vendor sent another format");
  }
  let format: Uint8Array | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = view.text(at, 4);
    const size = view.little(at + 4, 4);
    if (name === "data") {
      if (!format) throw new JoinError("one of them does not state its sample format");
      return { format, end: at + 8, size: size === 0 || size === 2 ** 32 - 1 ? Infinity : size };
    }
    if (at + size > MAX_HEAD) break;
    if (name === "fmt ") format = bytes.slice(at, at + 8 + size);
    at += 8 + size + size % 2;
  }
  if (bytes.length > MAX_HEAD) throw new JoinError("one of them has no samples");
  return null;
}

/** Bytes of a sample of all channels. */
function blockOf({ format }: Head): number {
  return byteView(format).little(20, 2) || 1;
}

function streamedHead({ format }: Head): Uint8Array {
  const text = (letters: string) => new TextEncoder().encode(letters);
  const open = Uint8Array.from(STREAMED);
  return joinBytes([text("RIFF"), open, text("WAVE"), format, text("data"), open]);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
