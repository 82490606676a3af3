import { byteView } from "./byte_view.ts";
import { checksumOf, headerChecksum } from "./checksums.ts";

/** Sample rates in hertz, by the code in the frame header; 0 stands for the rate of the stream. */
const RATES = [
  ...[0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000],
  ...[32_000, 44_100, 48_000, 96_000],
];

/**
 * The most frames of a file, false frame headers included: ten times as many as a file of speech
 * has.
 */
const MAX_FRAMES = 500_000;

/**
 * The duration of a FLAC file: the sum of its frames, regardless of the number in its header. If a
 * frame and the stream header state different rates, the lower one counts, as decoders differ in
 * which one they use; 0 in a frame stands for the rate of the stream.
 *
 * @returns Seconds; null without any frame, infinity for too many.
 */
export function flacSeconds(bytes: Uint8Array): number | null {
  const streamRate = byteView(bytes).big(18, 3) >> 4;
  let seconds = 0;
  let tried = 0;
  for (let at = 42; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xfe) !== 0xf8) continue;
    if (++tried > MAX_FRAMES) return Infinity;
    seconds += frameSeconds(bytes, at, streamRate);
  }
  return seconds > 0 ? seconds : null;
}

/** Seconds of the frame at a position; 0 if there is none. */
function frameSeconds(bytes: Uint8Array, at: number, streamRate: number): number {
  const header = frameHeaderAt(bytes, at);
  const rate = header?.rate || streamRate;
  return header && rate > 0 ? header.samples / Math.min(rate, streamRate || rate) : 0;
}

/** The header of a frame. */
export interface FrameHeader {
  /** Samples of the frame, per channel. */
  samples: number;
  /** Hertz; 0 for the rate of the stream. */
  rate: number;
  /** Offset of the end of the frame number, from the start of the frame. */
  numberEnd: number;
  /** Offset of the end of the header. */
  end: number;
}

/** The header of the frame at a position; null unless its checksum is valid. */
export function frameHeaderAt(bytes: Uint8Array, at: number): FrameHeader | null {
  if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xfe) !== 0xf8) return null;
  const view = byteView(bytes);
  const size = view.big(at + 2, 1) >> 4;
  const code = view.big(at + 2, 1) & 15;
  // The frame number, encoded in the manner of UTF-8.
  const lead = view.big(at + 4, 1);
  if ((lead >= 0x80 && lead < 0xc0) || lead === 0xff) return null;
  const numberEnd = at + 4 + (lead < 0x80 ? 1 : Math.clz32(~lead << 24 >>> 0));
  let end = numberEnd;
  const block = size === 6 ? view.big(end, 1) + 1 : size === 7 ? view.big(end, 2) + 1 : 0;
  end += size === 6 ? 1 : size === 7 ? 2 : 0;
  const explicit = code === 12
    ? 1000 * view.big(end, 1)
    : view.big(end, 2) * (code === 14 ? 10 : 1);
  end += code === 12 ? 1 : code === 13 || code === 14 ? 2 : 0;
  if (size === 0 || code === 15) return null;
  if (checksumOf(headerChecksum, bytes.subarray(at, end)) !== view.big(end, 1)) return null;
  const samples = block || (size === 1 ? 192 : size < 6 ? 576 * 2 ** (size - 2) : 2 ** size);
  const rate = code >= 12 ? explicit : RATES[code] ?? 0;
  return { samples, rate, numberEnd: numberEnd - at, end: end + 1 - at };
}
