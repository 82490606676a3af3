import { byteView } from "./byte_view.ts";
import { opusClock, type PacketClock, vorbisClock } from "./packets.ts";

/** A page without its segments. */
const PAGE = 27;

/** Streams, one behind the other or beside each other, of a file at most. */
const MAX_STREAMS = 1000;

/** How the packets begin that hold no sound: the headers of Opus, and that which identifies Vorbis. */
const HEADERS = ["OpusHead", "OpusTags", "\x01vorbis"];

/** Packets of a file at most, empty ones included: three times as many as speech of that size has. */
const MAX_PACKETS = 2_000_000;

/** A lacing value with which a packet goes on in the next segment. */
const GOES_ON = 255;

/**
 * How long an Ogg file lasts: the sum of its packets, whatever the positions of its pages say. Several
 * streams add up.
 *
 * @returns Seconds; null for a codec other than Opus and Vorbis, a broken file, or one of very many
 * streams; infinity for very many packets.
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
    // Each has a segment at least.
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

/** Called for every packet of a file of silent ones: creates no object. */
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
