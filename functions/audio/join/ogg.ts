import { byteView } from "../../_shared/gateway/formats/transcription/containers/byte_view.ts";
import {
  checksumOf,
  oggChecksum,
} from "../../_shared/gateway/formats/transcription/containers/checksums.ts";
import { opusClock } from "../../_shared/gateway/formats/transcription/containers/packets.ts";
import { joinBytes } from "../../_shared/gateway/respond/stream/sse_writer.ts";
import { type Joiner, JoinError } from "./joiner.ts";

/** Bytes of the header of a page, without its segment table. */
const PAGE = 27;

/** Samples per second in granule positions. */
const RATE = 48_000;

/** Flags of a page: it continues a packet, begins the stream, or ends it. */
const FLAG = { continues: 1, begins: 2, ends: 4 } as const;

/** The lacing value of a segment whose packet continues in the next one. */
const CONTINUES = 255;

/** The granule position of a page in which no packet ends. */
const NO_POSITION = 2n ** 64n - 1n;

/**
 * Joins Opus in Ogg: the pages of all pieces as one stream. A chain of streams, each with its own
 * headers, would be valid too, but many players stop at the end of the first.
 */
export function oggJoiner(): Joiner {
  const nothing = new Uint8Array();
  let waiting: Uint8Array = nothing;
  let last: Uint8Array | null = null;
  let stream: Uint8Array | null = null;
  let pages = 0;
  let samplesBefore = 0n;
  let isFirst = true;
  let clock = opusClock();
  /** Header packets of the piece that have not arrived yet. */
  let headers = 2;

  /** Numbers a page as the next one of the stream. */
  function numbered(page: Uint8Array, isLast: boolean): Uint8Array {
    const made = page.slice();
    const view = new DataView(made.buffer);
    made[5] = (made[5] ?? 0) & FLAG.continues | (pages === 0 ? FLAG.begins : 0) |
      (isLast ? FLAG.ends : 0);
    const position = view.getBigUint64(6, true);
    if (position !== NO_POSITION) view.setBigUint64(6, position + samplesBefore, true);
    if (stream) made.set(stream, 14);
    view.setUint32(18, pages++, true);
    view.setUint32(22, 0, true);
    view.setUint32(22, checksumOf(oggChecksum, made), true);
    return made;
  }

  /**
   * Takes a page, and drops the headers of later pieces. The latest page is held back, as it may
   * be the last one of the stream.
   */
  function take(page: Uint8Array): Uint8Array {
    if (headers > 0) {
      if (headers === 2) assertOpus(page);
      if (headers === 2 || endsPacket(page)) headers--;
      if (!isFirst) return nothing;
    } else {
      addPackets(clock, page);
    }
    const before = last;
    stream ??= page.slice(14, 18);
    last = page;
    return before ? numbered(before, false) : nothing;
  }

  return {
    add(bytes) {
      waiting = joinBytes([waiting, bytes]);
      const made: Uint8Array[] = [];
      for (let length = pageLength(waiting); length !== null; length = pageLength(waiting)) {
        made.push(take(waiting.subarray(0, length)));
        waiting = waiting.subarray(length);
      }
      return joinBytes(made);
    },
    endPiece(isLast) {
      if (headers > 0 || waiting.length > 0) throw new JoinError("one of them is incomplete");
      const made = last ? numbered(last, isLast) : nothing;
      last = null;
      samplesBefore += BigInt(Math.round(clock.seconds() * RATE));
      clock = opusClock();
      headers = 2;
      isFirst = false;
      return made;
    },
  };
}

/** The length of the page at the beginning of bytes; null as long as it is incomplete. */
function pageLength(bytes: Uint8Array): number | null {
  if (bytes.length < PAGE) return null;
  if (byteView(bytes).text(0, 4) !== "OggS") throw new JoinError("the vendor sent another format");
  const segments = bytes[26] ?? 0;
  let length = PAGE + segments;
  if (bytes.length < length) return null;
  for (const size of bytes.subarray(PAGE, PAGE + segments)) length += size;
  return bytes.length < length ? null : length;
}

function assertOpus(page: Uint8Array): void {
  const body = PAGE + (page[26] ?? 0);
  if (byteView(page).text(body, 8) !== "OpusHead") throw new JoinError("they are not Opus");
}

/** Whether a packet ends in a page. */
function endsPacket(page: Uint8Array): boolean {
  return page.subarray(PAGE, PAGE + (page[26] ?? 0)).some((size) => size < CONTINUES);
}

/** Adds the packets that begin in a page to a clock. */
function addPackets(clock: ReturnType<typeof opusClock>, page: Uint8Array): void {
  const segments = page[26] ?? 0;
  let isBegin = ((page[5] ?? 0) & FLAG.continues) === 0;
  let at = PAGE + segments;
  for (const size of page.subarray(PAGE, PAGE + segments)) {
    if (isBegin) clock.add(page, at, at + size);
    isBegin = size < CONTINUES;
    at += size;
  }
}
