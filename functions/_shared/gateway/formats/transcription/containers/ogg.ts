import { byteView } from "./byte_view.ts";
import { opusClock, type PacketClock, vorbisClock } from "./packets.ts";

/** Bytes of a page header, without its segment table. */
const PAGE = 27;

/** The most streams of a file, chained or multiplexed. */
const MAX_STREAMS = 1000;

/**
 * The beginnings of packets without sound: the headers of Opus, and the identification header of
 * Vorbis.
 */
const HEADERS = ["OpusHead", "OpusTags", "\x01vorbis"];

/**
 * The most packets of a file, empty ones included: three times as many as speech of that size has.
 */
const MAX_PACKETS = 2_000_000;

/** The lacing value of a segment whose packet continues in the next one. */
const GOES_ON = 255;

/**
 * The duration of an Ogg file: the sum of its packets, regardless of the granule positions of its
 * pages. The durations of several streams are added up.
 *
 * @returns Seconds; null for a codec other than Opus and Vorbis, a broken file, or too many
 * streams; infinity for too many packets.
 */
export function oggSeconds(bytes: Uint8Array): number | null {
  const view = byteView(bytes);
  const streams = new Map<number, PacketClock>();
  let packets = 0;
  let at = 0;
  while (at + PAGE <= bytes.length) {
    if (view.text(at, 4) !== "OggS") return null;
    const stream = view.little(at + 14, 4);
    const segments = view.big(at + 26, 1);
    const body = at + PAGE + segments;
    let clock = streams.get(stream);
    if (!clock) {
      const found = streams.size < MAX_STREAMS ? clockOf(bytes, body) : null;
      if (!found) return null;
      clock = found;
      streams.set(stream, clock);
    }
    // Every packet has at least one segment.
    packets += segments;
    if (packets > MAX_PACKETS) return Infinity;
    // Decoders also play what follows a header in its page.
    addPackets(clock, bytes, at, body);
    at = body;
    for (let index = 0; index < segments; index++) at += view.big(body - segments + index, 1);
  }
  return sum([...streams.values()]) || null;
}

/** Adds the packets that begin in a page. */
function addPackets(clock: PacketClock, bytes: Uint8Array, page: number, body: number): void {
  const isContinued = ((bytes[page + 5] ?? 0) & 1) === 1;
  let from = body;
  let to = body;
  let isFirst = true;
  for (let segment = page + PAGE; segment < body; segment++) {
    const size = bytes[segment] ?? 0;
    to += size;
    if (size === GOES_ON && segment < body - 1) continue;
    const isHeader = clock.seconds() === 0 && isHeaderAt(bytes, from);
    if (!(isFirst && isContinued) && !isHeader) clock.add(bytes, from, Math.min(to, bytes.length));
    isFirst = false;
    from = to;
  }
}

/** May run for every packet of a file, so it creates no object. */
function isHeaderAt(bytes: Uint8Array, at: number): boolean {
  for (const header of HEADERS) {
    let length = 0;
    while (length < header.length && bytes[at + length] === header.charCodeAt(length)) length++;
    if (length === header.length) return true;
  }
  return false;
}

function clockOf(bytes: Uint8Array, at: number): PacketClock | null {
  return byteView(bytes).text(at, 8) === "OpusHead" ? opusClock() : vorbisClock(bytes, at);
}

function sum(clocks: readonly PacketClock[]): number {
  return clocks.reduce((total, clock) => total + clock.seconds(), 0);
}
