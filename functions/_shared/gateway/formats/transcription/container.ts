import { BITRATES } from "../speech/audio_length.ts";
import { flacSeconds } from "./containers/flac.ts";
import { mp4Seconds } from "./containers/mp4.ts";
import { oggSeconds } from "./containers/ogg.ts";
import { webmSeconds } from "./containers/webm.ts";

/** Bits per second below which speech is not encoded: Opus begins here. */
const LOWEST_BITRATE = 6_000;

/** Bits per second of MPEG audio, layer III, at most. */
const HIGHEST_MP3_BITRATE = 320_000;

/** Chunks of a WAV file, and bytes of MPEG audio that look like frames and are none, at most. */
const MAX_CHUNKS = 10_000;
const MAX_FALSE_FRAMES = 500_000;

/** Milliseconds that the database can hold, almost 25 days. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

/** The lengths of files, for which all of their bytes are read. */
const lengths = new WeakMap<Uint8Array, number>();

/** Kilobits per second of the other layers, by the index in the header of a frame. */
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

/** The containers of audio that vendors take. */
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

/** Hertz of MPEG audio by the index in the header of a frame; of MPEG-2 half, of MPEG-2.5 a quarter. */
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
 * The longest that a file can last: what a decoder would play, regardless of the header; otherwise its
 * size at the lowest bitrate.
 *
 * A file crafted to be slow to read is assumed to have the maximum duration.
 *
 * @param bytes The file, which must not change.
 * @returns Seconds, at most 2,147,483.647: a header of a few bytes may name any number of frames.
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
 * By the rate of the bytes and their number, for streamed files do not know their length. Of several
 * format chunks the lowest rate counts: decoders differ in which one they read.
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
 * Bytes of a second by the fields that decoders use. They ignore the byte rate and the block size that
 * the chunk also states, so a client could state any.
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
 * The sum of all frames, whether their bitrates and layers are the same or not, for decoders read them
 * all; at least as long as the same bytes would last at the highest bitrate.
 */
function mp3Seconds(bytes: Uint8Array): number | null {
  let seconds = 0;
  let isNone = 0;
  for (let at = 0; at < bytes.length;) {
    // Most bytes between frames, such as those of tags, do not look like one.
    const mayBegin = bytes[at] === 0xff && (bytes[at + 1] ?? 0) >= 0xe0;
    const frame = mayBegin ? frameAt(bytes, at) : null;
    if (mayBegin && !frame && ++isNone > MAX_FALSE_FRAMES) return Infinity;
    seconds += frame?.seconds ?? 0;
    at += frame?.length ?? 1;
  }
  return seconds > 0 ? Math.max(seconds, 8 * bytes.length / HIGHEST_MP3_BITRATE) : null;
}

/** Where the tags of ID3 end that any audio may begin with; some have a footer as long as their header. */
function endOfTags(bytes: Uint8Array): number {
  let at = 0;
  // By number, for a file may consist of tags.
  while (bytes[at] === 0x49 && bytes[at + 1] === 0x44 && bytes[at + 2] === 0x33) {
    let size = 0;
    for (let index = 6; index < 10; index++) size = size * 128 + ((bytes[at + index] ?? 0) & 0x7f);
    at += ((bytes[at + 5] ?? 0) & 0x10 ? 20 : 10) + size;
  }
  return at;
}

/** Whether the header of a frame says layer III. Texts in UTF-16 begin as the other layers do. */
function isLayer3(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) & 6) === 2;
}

/** The frame of MPEG audio whose header is at a place. */
function frameAt(bytes: Uint8Array, at: number): { seconds: number; length: number } | null {
  // Called for every byte of a file without frames: creates no object before it has found one.
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
  // Layer I counts in slots of four bytes.
  const slot = layer === 1 ? 4 : 1;
  const slots = Math.floor(samples * 125 * kilobits / rate / slot) + (rates >> 1 & 1);
  return { seconds: samples / rate, length: slots * slot };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
