import { byteView } from "./byte_view.ts";

/** Milliseconds of an Opus frame, by the upper five bits of a packet (RFC 6716, table 2). */
const OPUS_FRAMES = [
  ...[10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60],
  ...[10, 20, 10, 20],
  ...[2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20],
];

/** Sums the durations of a codec's packets, as its decoder plays them. */
export interface PacketClock {
  /**
   * Adds a packet.
   *
   * @param from Where it begins.
   */
  add(bytes: Uint8Array, from: number, to: number): void;
  /** Seconds so far. */
  seconds(): number;
}

/** The clock of Opus, whose packets state the number and length of their frames. */
export function opusClock(): PacketClock {
  let milliseconds = 0;
  return {
    add(bytes, from, to) {
      if (to <= from) return;
      const toc = bytes[from] ?? 0;
      const code = toc & 3;
      const frames = code === 0 ? 1 : code < 3 ? 2 : (bytes[from + 1] ?? 0) & 0x3f;
      milliseconds += frames * (OPUS_FRAMES[toc >> 3] ?? 0);
    },
    seconds: () => milliseconds / 1000,
  };
}

/**
 * The clock of Vorbis, whose packets last half of their block. Only a decoder knows which of the
 * two block sizes a packet has, so each counts as the longer one.
 *
 * @param at Where the identification header begins.
 * @returns null if there is no valid header.
 */
export function vorbisClock(head: Uint8Array, at: number): PacketClock | null {
  const view = byteView(head);
  if (view.text(at, 7) !== "\x01vorbis") return null;
  const rate = view.little(at + 12, 4);
  const samples = 2 ** (view.big(at + 28, 1) >> 4) / 2;
  if (rate === 0) return null;
  let packets = 0;
  return {
    add: () => void packets++,
    seconds: () => packets * samples / rate,
  };
}
