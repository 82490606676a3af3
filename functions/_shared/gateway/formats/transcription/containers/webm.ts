import { byteView } from "./byte_view.ts";
import { opusClock, type PacketClock, vorbisClock } from "./packets.ts";

/** Ids of Matroska elements, with the names of its specification. */
const ID = {
  segment: 0x18538067,
  cluster: 0x1f43b675,
  blockGroup: 0xa0,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  contentEncodings: 0x6d80,
  simpleBlock: 0xa3,
  block: 0xa1,
} as const;

const CONTAINERS: ReadonlySet<number> = new Set([
  ID.segment,
  ID.cluster,
  ID.blockGroup,
  ID.tracks,
  ID.trackEntry,
]);

/** The most tracks of a file: each block searches them for its own. */
const MAX_TRACKS = 100;

/** The most elements of a file: 25 MiB of speech at the lowest bitrate have 1.3 million. */
const MAX_ELEMENTS = 2_000_000;

/** A track so far. */
interface Track {
  number: number;
  codec: string;
  clock: PacketClock | null;
}

/**
 * The duration of a WebM file: the sum of its packets, regardless of its timestamps. Browsers
 * record without a duration.
 *
 * @returns Seconds; null for a codec other than Opus and Vorbis, laced blocks, too many tracks or a
 * broken file; infinity for too many elements.
 */
export function webmSeconds(bytes: Uint8Array): number | null {
  const tracks: Track[] = [];
  let count = 0;
  for (const { id, from, to, isBroken } of elementsOf(bytes)) {
    if (++count > MAX_ELEMENTS) return Infinity;
    if (isBroken || id === ID.contentEncodings) return null;
    if (id === ID.trackEntry && tracks.push({ number: 0, codec: "", clock: null }) > MAX_TRACKS) {
      return null;
    }
    const track = tracks.at(-1);
    if (id === ID.trackNumber && track) track.number = byteView(bytes).big(from, to - from);
    if (id === ID.codecId && track) {
      // Refused: decoders differ in which of two codecs they use.
      if (track.codec !== "") return null;
      track.codec = byteView(bytes).text(from, Math.min(32, to - from)).replace(/\0+$/, "");
      if (track.codec === "A_OPUS") track.clock = opusClock();
    }
    // The private data of Vorbis begins with three length bytes; the identification header follows
    // them.
    if (id === ID.codecPrivate && track?.codec === "A_VORBIS") {
      track.clock = vorbisClock(bytes, headerIn(bytes, from, to));
    }
    if (id === ID.simpleBlock || id === ID.block) {
      const taken = addBlock(tracks, bytes, from, to);
      if (!taken) return null;
    }
  }
  const isUnique = new Set(tracks.map(({ number }) => number)).size === tracks.length;
  const seconds = Math.max(0, ...tracks.map(({ clock }) => clock?.seconds() ?? 0));
  return isUnique && seconds > 0 ? seconds : null;
}

function addBlock(tracks: readonly Track[], bytes: Uint8Array, from: number, to: number): boolean {
  const { value, length } = vint(bytes, from, true) ?? { value: 0, length: 1 };
  const track = tracks.find(({ number }) => number === value);
  const isLaced = ((bytes[from + length + 2] ?? 0) & 0x06) !== 0;
  if (track?.codec.startsWith("V_")) return true;
  if (!track?.clock || isLaced) return false;
  track.clock.add(bytes, from + length + 3, to);
  return true;
}

function headerIn(bytes: Uint8Array, from: number, to: number): number {
  const place = byteView(bytes).text(from, Math.min(16, to - from)).indexOf("\x01vorbis");
  return from + Math.max(0, place);
}

/** An element, or the position from which a file is broken. */
interface Element {
  id: number;
  from: number;
  to: number;
  isBroken: boolean;
}

/**
 * The elements of a file in order. For containers, only their header is skipped, so that their
 * children follow.
 */
function* elementsOf(bytes: Uint8Array): Generator<Element> {
  let at = 0;
  while (at < bytes.length) {
    const id = vint(bytes, at, false);
    const size = id && vint(bytes, at + id.length, true);
    const isContainer = id !== null && CONTAINERS.has(id.value);
    const from = at + (id?.length ?? 0) + (size?.length ?? 0);
    const isCut = !isContainer && from + (size?.value ?? 0) > bytes.length;
    const isBlock = id?.value === ID.simpleBlock || id?.value === ID.block;
    // A live recording has containers of unknown size, and may end within a block.
    const isBroken = !size || (isCut && !isBlock) || (size.isUnknown && !isContainer);
    const to = Math.min(from + (size?.value ?? 0), bytes.length);
    yield { id: id?.value ?? 0, from, to, isBroken };
    if (isBroken) return;
    at = isContainer ? from : to;
  }
}

/** A variable-length integer; an id keeps its length marker. */
function vint(
  bytes: Uint8Array,
  at: number,
  isSize: boolean,
): { value: number; length: number; isUnknown: boolean } | null {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > bytes.length || (!isSize && length > 4)) return null;
  let value = isSize ? first & (0xff >> length) : first;
  let isUnknown = (first | (0xff << (8 - length) & 0xff)) === 0xff;
  for (let index = 1; index < length; index++) {
    const next = bytes[at + index] ?? 0;
    value = value * 256 + next;
    isUnknown &&= next === 0xff;
  }
  return { value, length, isUnknown };
}
