import { byteView } from "./byte_view.ts";
import { opusClock, type PacketClock, vorbisClock } from "./packets.ts";

/** A page without its segments. */
const PAGE = 27;

/** A lacing value with which a packet goes on in the next segment. */
const GOES_ON = 255;

/**
 * How long an Ogg file lasts: the sum of its packets, whatever the positions of its pages say. Several
 * streams add up.
 *
 * @returns Seconds; null for a codec other than Opus and Vorbis, or a broken file.
 */
export function oggSeconds(bytes: Uint8Array): number | null {
  const view = byteView(bytes);
  const streams = new Map<number, PacketClock>();
  let at = 0;
  while (at + PAGE <= bytes.length) {
    if (view.text(at, 4) !== "OggS") return null;
    const stream = view.little(at + 14, 4);
    const segments = view.big(at + 26, 1);
    const body = at + PAGE + segments;
    let clock = streams.get(stream);
    if (!clock) {
      const found = clockOf(bytes, body);
      if (!found) return null;
      clock = found;
      streams.set(stream, clock);
    } else addPackets(clock, bytes, at, body);
    at = body;
    for (let index = 0; index < segments; index++) at += view.big(body - segments + index, 1);
  }
  return streams.size === 0 ? null : sum([...streams.values()]);
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
    const isHeader = clock.seconds() === 0 && isTags(bytes, from);
    if (!(isFirst && isContinued) && !isHeader) clock.add(bytes, from, Math.min(to, bytes.length));
    isFirst = false;
    from = to;
  }
}

/** Whether a packet is the second header, which holds no sound. */
function isTags(bytes: Uint8Array, at: number): boolean {
  return byteView(bytes).text(at, 8) === "OpusTags";
}

function clockOf(bytes: Uint8Array, at: number): PacketClock | null {
  return byteView(bytes).text(at, 8) === "OpusHead" ? opusClock() : vorbisClock(bytes, at);
}

function sum(clocks: readonly PacketClock[]): number {
  return clocks.reduce((total, clock) => total + clock.seconds(), 0);
}
