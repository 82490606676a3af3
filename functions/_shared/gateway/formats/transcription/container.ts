import { BITRATES } from "../speech/audio_length.ts";
import { flacSeconds } from "./containers/flac.ts";
import { mp4Seconds } from "./containers/mp4.ts";
import { oggSeconds } from "./containers/ogg.ts";
import { webmSeconds } from "./containers/webm.ts";

/** The lowest bitrate of encoded speech, that of Opus, in bits per second. */
const LOWEST_BITRATE = 6_000;

/** The highest bitrate of MPEG audio, layer III, in bits per second. */
const HIGHEST_MP3_BITRATE = 320_000;

/** The most chunks of a WAV file, and the most false frame headers in MPEG audio. */
const MAX_CHUNKS = 10_000;
const MAX_FALSE_FRAMES = 500_000;

/** The largest `integer` of the database: almost 25 days. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

/** Durations already computed, as computing one reads the whole file. */
const lengths = new WeakMap<Uint8Array, number>();

/** Kilobits per second of layers I and II, by the index in the frame header. */
const LAYER_1 = {
  mpeg1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  mpeg2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
} as const;
const LAYER_2 = {
  mpeg1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  mpeg2: BITRATES.mpeg2,
} as const;

/** Codecs of WAV, as its format chunk numbers them. */
const WAV = { pcm: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const;

/** The audio containers that vendors accept. */
export type Container = "wav" | "flac" | "mp3" | "mp4" | "ogg" | "webm";

/** The content types of recordings, by their container. */
export const RECORDING_TYPES: Readonly<Record<Container, string>> = {
  wav: "audio/wav",
  flac: "audio/flac",
  mp3: "audio/mpeg",
  mp4: "audio/mp4",
  ogg: "audio/ogg",
  webm: "audio/webm",
};

/**
 * Sample rates of MPEG-1 audio in hertz, by the index in the frame header; MPEG-2 has half,
 * MPEG-2.5 a quarter.
 */
const RATES = [44_100, 48_000, 32_000];

/** The container format of a file, by its first bytes after ID3 tags; null if it is not audio. */
export function containerOf(bytes: Uint8Array): Container | null {
  const start = endOfTags(bytes);
  const text = (from: number, to: number) =>
    String.fromCharCode(...bytes.subarray(start + from, start + to));
  if (text(0, 4) === "RIFF" && text(8, 12) === "WAVE") return "wav";
  if (text(0, 4) === "fLaC") return "flac";
  if (text(0, 4) === "OggS") return "ogg";
  if (text(4, 8) === "ftyp") return "mp4";
  if (text(0, 4) === "\x1a\x45\xdf\xa3") return "webm";
  return start > 0 || isLayer3(bytes, 0) && frameAt(bytes, 0) ? "mp3" : null;
}

/**
 * An upper bound of the duration of a file: what a decoder would play, regardless of the header; if
 * that is unknown, its size at the lowest bitrate.
 *
 * A file crafted to be slow to read is assumed to have the maximum duration.
 *
 * @param bytes The file, which must not change.
 * @returns Seconds, at most 2,147,483.647: a header of a few bytes may state any number of frames.
 */
export function lengthOf(bytes: Uint8Array): number {
  const known = lengths.get(bytes);
  if (known !== undefined) return known;
  const played = playedBy(bytes.subarray(endOfTags(bytes)), containerOf(bytes));
  const length = Math.min(played ?? 8 * bytes.length / LOWEST_BITRATE, MAX_MILLISECONDS / 1000);
  lengths.set(bytes, length);
  return length;
}

/** Seconds as a column of the database holds them. */
export function millisecondsOf(seconds: number): number {
  return Math.min(Math.round(1000 * seconds), MAX_MILLISECONDS);
}

function playedBy(bytes: Uint8Array, container: Container | null): number | null {
  switch (container) {
    case "wav":
      return wavSeconds(bytes);
    case "flac":
      return flacSeconds(bytes);
    case "mp3":
      return mp3Seconds(bytes);
    case "ogg":
      return oggSeconds(bytes);
    case "webm":
      return webmSeconds(bytes);
    case "mp4":
      return mp4Seconds(bytes);
    default:
      return null;
  }
}

/**
 * Computed from the byte rate and the number of bytes, as streamed files do not state their length.
 * Of several format chunks the one with the lowest rate counts: decoders differ in which one they
 * read.
 */
function wavSeconds(bytes: Uint8Array): number | null {
  const view = viewOf(bytes);
  let byteRate = Infinity;
  let chunks = 0;
  for (let at = 12; at + 8 <= bytes.length;) {
    if (++chunks > MAX_CHUNKS) return Infinity;
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (name === "data") {
      return byteRate > 0 && byteRate < Infinity ? (bytes.length - at - 8) / byteRate : null;
    }
    const size = view.getUint32(at + 4, true);
    if (name === "fmt " && at + 8 + Math.max(size, 16) <= bytes.length) {
      byteRate = Math.min(byteRate, byteRateOf(view, at + 8, size));
    }
    at += 8 + size + size % 2;
  }
  return null;
}

/**
 * Bytes per second, from the fields that decoders use. They ignore the byte rate and block size in
 * the chunk, so a client could forge these.
 *
 * @returns 0 for a codec whose samples have no fixed size.
 */
function byteRateOf(view: DataView, at: number, size: number): number {
  const tag = view.getUint16(at, true);
  const codec = tag !== WAV.extensible ? tag : size >= 26 ? view.getUint16(at + 24, true) : 0;
  const bits = view.getUint16(at + 14, true);
  const isPcm = codec === WAV.pcm || codec === WAV.float;
  const isCompanded = codec === WAV.aLaw || codec === WAV.muLaw;
  const sampleBytes = isCompanded ? 1 : isPcm && bits <= 64 ? Math.ceil(bits / 8) : 0;
  return view.getUint32(at + 4, true) * view.getUint16(at + 2, true) * sampleBytes;
}

/**
 * The sum of all frames, of any bitrate and layer, as decoders play them all; at least the duration
 * of the same number of bytes at the highest bitrate.
 */
function mp3Seconds(bytes: Uint8Array): number | null {
  let seconds = 0;
  let falseFrames = 0;
  for (let at = 0; at < bytes.length;) {
    // Skips most bytes between frames, such as tags, without parsing a header.
    const mayBegin = bytes[at] === 0xff && (bytes[at + 1] ?? 0) >= 0xe0;
    const frame = mayBegin ? frameAt(bytes, at) : null;
    if (mayBegin && !frame && ++falseFrames > MAX_FALSE_FRAMES) return Infinity;
    seconds += frame?.seconds ?? 0;
    at += frame?.length ?? 1;
  }
  return seconds > 0 ? Math.max(seconds, 8 * bytes.length / HIGHEST_MP3_BITRATE) : null;
}

/**
 * The end of the ID3 tags at the beginning of a file; some have a footer as long as their header.
 */
function endOfTags(bytes: Uint8Array): number {
  let at = 0;
  // Compared byte by byte, without creating objects: a file may consist of tags only.
  while (bytes[at] === 0x49 && bytes[at + 1] === 0x44 && bytes[at + 2] === 0x33) {
    let size = 0;
    for (let index = 6; index < 10; index++) size = size * 128 + ((bytes[at + index] ?? 0) & 0x7f);
    at += ((bytes[at + 5] ?? 0) & 0x10 ? 20 : 10) + size;
  }
  return at;
}

/**
 * Whether a frame header states layer III. UTF-16 text can look like a header of the other layers.
 */
function isLayer3(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) & 6) === 2;
}

/** The MPEG audio frame at a position; null if there is none. */
function frameAt(bytes: Uint8Array, at: number): { seconds: number; length: number } | null {
  // May run for every byte of a file without frames, so no object is created before a frame is
  // found.
  const version = bytes[at + 1] ?? 0;
  const rates = bytes[at + 2] ?? 0;
  if (bytes[at] !== 0xff || version < 0xe0 || (version & 0x18) === 0x08) return null;
  const layer = 4 - (version >> 1 & 3);
  if (layer === 4) return null;
  const isFirst = (version & 0x18) === 0x18;
  const bitrates = layer === 1 ? LAYER_1 : layer === 2 ? LAYER_2 : BITRATES;
  const kilobits = (isFirst ? bitrates.mpeg1 : bitrates.mpeg2)[rates >> 4];
  const full = RATES[rates >> 2 & 3];
  if (!kilobits || !full) return null;
  const rate = isFirst ? full : full / ((version & 0x18) === 0x10 ? 2 : 4);
  const samples = layer === 1 ? 384 : layer === 2 || isFirst ? 1152 : 576;
  // The unit of frame lengths: four bytes in layer I.
  const slot = layer === 1 ? 4 : 1;
  const slots = Math.floor(samples * 125 * kilobits / rate / slot) + (rates >> 1 & 1);
  return { seconds: samples / rate, length: slots * slot };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
