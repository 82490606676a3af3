import { byteView } from "./byte_view.ts";

/** Boxes that contain other boxes. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "moov",
  "trak",
  "edts",
  "mdia",
  "minf",
  "stbl",
  "moof",
  "traf",
]);

/** Sample rates of AAC in hertz, by the index in its configuration (ISO 14496-3, table 1.18). */
const AAC_RATES = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000],
  ...[22_050, 16_000, 12_000, 11_025, 8_000, 7_350],
];

/** Samples of an AAC frame, before spectral band replication. */
const AAC_SAMPLES = 1024;

/** The most tracks of a file: each fragment searches them for its own. */
const MAX_TRACKS = 100;

/** The most boxes of a file; a fragmented file has about ten per second. */
const MAX_BOXES = 200_000;

/**
 * Sample entries without sound, whatever the handler of their track: text, time codes, metadata.
 */
const SILENT: ReadonlySet<string> = new Set([
  ...["text", "tx3g", "wvtt", "stpp", "c608", "tmcd", "mebx", "rtp "],
]);

/** A track so far. */
interface Track {
  id: number;
  isSound: boolean;
  isVideo: boolean;
  /** The type of its sample entry, which names the codec. */
  entry: string;
  /** How many edits play a part of it; 0 without an edit list. */
  edits: number;
  /** Hertz; null for a codec other than AAC. */
  rate: number | null;
  frames: number;
}

/**
 * The duration of an MP4 file with AAC: computed from the number of its frames, fragmented or not,
 * regardless of the stated durations. An edit list may play the same frames several times: each
 * edit counts as all of them.
 *
 * @returns Seconds; null for another codec, too many tracks or a broken file; infinity for too many
 * boxes.
 */
export function mp4Seconds(bytes: Uint8Array): number | null {
  const view = byteView(bytes);
  const tracks: Track[] = [];
  let track: Track | undefined;
  for (const { type, from, to } of boxesOf(bytes)) {
    if (type === "stz2" || type === "broken") return null;
    if (type === "many") return Infinity;
    if (type === "trak") {
      const none = { isSound: false, isVideo: false, entry: "", edits: 0 };
      track = { id: 0, ...none, rate: null, frames: 0 };
      if (tracks.push(track) > MAX_TRACKS) return null;
    }
    if (type === "tfhd") track = tracks.find(({ id }) => id === view.big(from + 4, 4));
    if (!track) continue;
    if (type === "tkhd") track.id = view.big(from + (view.big(from, 1) === 1 ? 20 : 12), 4);
    if (type === "hdlr") {
      track.isSound ||= view.text(from + 8, 4) === "soun";
      track.isVideo ||= view.text(from + 8, 4) === "vide";
    }
    if (type === "elst") track.edits += editsIn(bytes, from, to);
    if (type === "stsd") {
      track.entry = view.text(from + 12, 4);
      track.rate = aacRate(bytes, from, to);
    }
    if (type === "stsz") track.frames += view.big(from + 8, 4);
    if (type === "trun") track.frames += view.big(from + 4, 4);
  }
  const sounds = tracks.filter(mayBeHeard);
  if (sounds.some(({ rate }) => rate === null)) return null;
  const seconds = sounds.map(({ frames, rate, edits }) =>
    frames * AAC_SAMPLES / (rate ?? 1) * Math.max(1, edits)
  );
  return Math.max(0, ...seconds) || null;
}

/**
 * Whether a decoder may play a track as sound. Unless the handler is video, decoders go by the
 * codec.
 */
function mayBeHeard({ isSound, isVideo, entry, frames }: Track): boolean {
  return frames > 0 && (isSound || (!isVideo && !SILENT.has(entry)));
}

/** The number of edits in a list that play something; the others are pauses. */
function editsIn(bytes: Uint8Array, from: number, to: number): number {
  const view = byteView(bytes);
  const [size, time] = view.big(from, 1) === 1 ? [20, 8] : [12, 4];
  const end = Math.min(to, from + 8 + size * view.big(from + 4, 4));
  let count = 0;
  for (let at = from + 8; at + size <= end; at += size) {
    if (view.big(at + time, 4) !== 0xffffffff) count++;
  }
  return count;
}

/**
 * The sample rate in the decoder configuration. Decoders use it instead of the rate in the sample
 * entry.
 */
function aacRate(bytes: Uint8Array, from: number, to: number): number | null {
  const view = byteView(bytes);
  const hasOneEntry = view.big(from + 4, 4) === 1;
  const esds = view.text(from, Math.min(to - from, 512)).indexOf("esds");
  if (!hasOneEntry || view.text(from + 12, 4) !== "mp4a" || esds < 0) return null;
  // Nested descriptors: of the stream, of its decoder, and the decoder-specific configuration.
  let at = from + esds + 8;
  for (const [tag, fields] of [[0x03, 3], [0x04, 13], [0x05, 0]] as const) {
    if (view.big(at, 1) !== tag) return null;
    at++;
    while (at < to && view.big(at, 1) >= 0x80) at++;
    at += 1 + fields;
  }
  const bits = view.big(at, 5);
  const objectType = Math.floor(bits / 2 ** 35);
  const index = Math.floor(bits / 2 ** 31) % 16;
  if (![2, 5, 29].includes(objectType)) return null;
  return (index === 15 ? Math.floor(bits / 2 ** 7) % 2 ** 24 : AAC_RATES[index]) || null;
}

/**
 * The boxes of a file in order. For containers, only their header is skipped, so that their
 * children follow.
 */
function* boxesOf(bytes: Uint8Array): Generator<{ type: string; from: number; to: number }> {
  const view = byteView(bytes);
  let at = 0;
  for (let count = 1; at + 8 <= bytes.length; count++) {
    if (count > MAX_BOXES) return yield { type: "many", from: at, to: at };
    const short = view.big(at, 4);
    const type = view.text(at + 4, 4);
    const head = short === 1 ? 16 : 8;
    // A size of 0 extends to the end of the file.
    const size = short === 1 ? view.big(at + 10, 6) : short === 0 ? bytes.length - at : short;
    if (size < head) return yield { type: "broken", from: at, to: at };
    const to = Math.min(at + size, bytes.length);
    yield { type, from: at + head, to };
    at = CONTAINERS.has(type) ? at + head : to;
  }
}
