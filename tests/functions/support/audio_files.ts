/** Recordings as encoders write them, with silence or noise for sound: what says how long they last is real. */

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Concatenates bytes and texts. */
export function bytesOf(...parts: (Uint8Array | string | number[])[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) =>
    typeof part === "string" ? ascii(part) : Uint8Array.from(part)
  );
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

const big = (value: number, size: number) =>
  Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** (size - 1 - at)) & 255);
const little = (value: number, size: number) => big(value, size).reverse();

/** A WAV file of a tone: 8 kHz, one channel, 16 bits. */
export function wav(seconds: number): Uint8Array<ArrayBuffer> {
  const rate = 8_000;
  const samples = Int16Array.from({ length: rate * seconds }, (_, at) => 9000 * Math.sin(at / 9));
  const sound = new Uint8Array(samples.buffer);
  return bytesOf(
    "RIFF",
    little(36 + sound.length, 4),
    "WAVEfmt ",
    little(16, 4),
    [1, 0, 1, 0],
    little(rate, 4),
    little(2 * rate, 4),
    [2, 0, 16, 0],
    "data",
    little(sound.length, 4),
    sound,
  );
}

/** Speech as vendors stream it in WAV: 24 kHz, one channel, 16 bits, the length left open. */
export function wavOf(sound: Uint8Array): Uint8Array<ArrayBuffer> {
  const open = [0xff, 0xff, 0xff, 0xff];
  return bytesOf(
    "RIFF",
    open,
    "WAVEfmt ",
    little(16, 4),
    [1, 0, 1, 0],
    little(24_000, 4),
    little(48_000, 4),
    [2, 0, 16, 0],
    "data",
    open,
    sound,
  );
}

/** A packet of Opus: one frame of 20 ms (SILK, wide band), or three of 60 ms. */
export const opusPacket = (size: number, isLong = false) =>
  bytesOf(isLong ? [0x5b, 3] : [0x48], new Uint8Array(size));

/**
 * A page of Ogg with whole packets. @param position The duration that the page states, in samples.
 */
export function oggPage(
  packets: readonly Uint8Array[],
  number: number,
  { position = 0, stream = 7 } = {},
): Uint8Array<ArrayBuffer> {
  const lacing = packets.flatMap((
    { length },
  ) => [...Array(Math.floor(length / 255)).fill(255), length % 255]);
  return bytesOf(
    "OggS",
    [0, number === 0 ? 2 : 0],
    little(position, 8),
    little(stream, 4),
    little(number, 4),
    little(0, 4),
    [lacing.length, ...lacing],
    ...packets,
  );
}

/** The second header of Opus. */
export const opusTags = bytesOf("OpusTags", little(4, 4), "test", little(0, 4));

/**
 * An Ogg file of packets after its two headers. @param position The duration that its pages state,
 * in samples.
 */
export function ogg(
  head: Uint8Array,
  packets: readonly Uint8Array[],
  position = 0,
): Uint8Array<ArrayBuffer> {
  const pages = [head, opusTags, ...packets];
  return bytesOf(...pages.map((packet, number) => oggPage([packet], number, { position })));
}

/** The identification header of Opus. */
export const opusHead = bytesOf("OpusHead", [1, 1], little(312, 2), little(48_000, 4), [0, 0, 0]);

/** The identification header of Vorbis, with blocks of 256 and 2048 samples. */
export const vorbisHead = (rate: number) =>
  bytesOf([1], "vorbis", little(0, 4), [1], little(rate, 4), new Uint8Array(12), [0xb8, 1]);

const element = (id: number[], body: Uint8Array | string, isOpen = false) => {
  const content = typeof body === "string" ? ascii(body) : body;
  const size = isOpen
    ? [0x01, ...Array(7).fill(0xff)]
    : [0x10 | content.length >> 24, ...big(content.length, 3)];
  return bytesOf(id, size, content);
};

/** A WebM file as browsers record it: without a duration, its containers open. */
export function webm(packets: readonly Uint8Array[], codec = "A_OPUS"): Uint8Array<ArrayBuffer> {
  const track = element(
    [0xae],
    bytesOf(
      element([0xd7], Uint8Array.of(1)),
      element([0x83], Uint8Array.of(2)),
      element([0x86], codec),
      element([0x63, 0xa2], opusHead),
    ),
  );
  const blocks = packets.map((packet, at) =>
    element([0xa3], bytesOf([0x81], big(at % 30_000, 2), [0x80], packet))
  );
  const cluster = element(
    [0x1f, 0x43, 0xb6, 0x75],
    bytesOf(element([0xe7], Uint8Array.of(0)), ...blocks),
    true,
  );
  return bytesOf(
    element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], "webm")),
    element(
      [0x18, 0x53, 0x80, 0x67],
      bytesOf(element([0x16, 0x54, 0xae, 0x6b], track), cluster),
      true,
    ),
  );
}

const box = (type: string, ...content: (Uint8Array | string | number[])[]) => {
  const body = bytesOf(...content);
  return bytesOf(big(8 + body.length, 4), type, body);
};

/**
 * An MP4 file of AAC.
 *
 * @param frames The number of frames, of 1024 samples each.
 * @param claims The duration in milliseconds and the sample rate that its headers state.
 * @param edits How many times its edit list plays it.
 */
export function mp4(
  frames: number,
  {
    isFragmented = false,
    index = 8,
    claims = 0,
    entryRate = 16_000,
    codec = "mp4a",
    handlers = ["soun"],
    edits = 0,
  } = {},
): Uint8Array<ArrayBuffer> {
  const config = [0x05, 2, 2 << 3 | index >> 1, (index & 1) << 7 | 1 << 3];
  const decoder = [0x04, 13 + config.length, 0x40, 0x15, ...Array(11).fill(5), ...config];
  const esds = box("esds", big(0, 4), [
    0x03,
    0x80,
    0x80,
    0x80,
    3 + decoder.length,
    0,
    1,
    0,
    ...decoder,
  ]);
  const entry = box(
    codec,
    Array(6).fill(0),
    big(1, 2),
    Array(8).fill(0),
    big(1, 2),
    big(16, 2),
    big(0, 4),
    big(entryRate * 65_536, 4),
    esds,
  );
  const stbl = box(
    "stbl",
    box("stsd", big(0, 4), big(1, 4), entry),
    box("stsz", big(0, 4), big(0, 4), big(isFragmented ? 0 : frames, 4)),
  );
  const moov = box(
    "moov",
    box("mvhd", Array(12).fill(0), big(1000, 4), big(claims, 4)),
    box(
      "trak",
      box("tkhd", Array(12).fill(0), big(1, 4)),
      ...edits > 0
        ? [box("edts", box("elst", big(0, 4), big(edits, 4), Array(12 * edits).fill(0)))]
        : [],
      box(
        "mdia",
        box("mdhd", Array(12).fill(0), big(1000, 4), big(claims, 4)),
        ...handlers.map((handler) => box("hdlr", Array(8).fill(0), handler, Array(12).fill(0))),
        box("minf", stbl),
      ),
    ),
  );
  const fragment = box(
    "moof",
    box("traf", box("tfhd", big(0, 4), big(1, 4)), box("trun", big(0, 4), big(frames, 4))),
  );
  const data = box("mdat", new Uint8Array(frames * 24));
  return bytesOf(box("ftyp", "M4A \0\0\0\0"), moov, ...isFragmented ? [fragment] : [], data);
}

/**
 * A FLAC file with frames of 4096 samples.
 *
 * @param claims The number of samples and the rate that its header states, and the code and
 * following bytes with which its frames state the rate.
 */
export function flac(
  frames: number,
  {
    rate = 16_000,
    samples = frames * 4096,
    frameBytes = 200,
    code = 5,
    codeBytes = [],
  }: {
    rate?: number;
    samples?: number;
    frameBytes?: number;
    code?: number;
    codeBytes?: number[];
  } = {},
): Uint8Array<ArrayBuffer> {
  const fields = BigInt(rate) << 44n | 15n << 36n | BigInt(samples);
  const stream = new Uint8Array(34);
  new DataView(stream.buffer).setBigUint64(10, fields);
  const frame = (number: number) => {
    // One channel, 16 bits; frames are numbered modulo 128, so that the number takes one byte.
    const head = bytesOf([0xff, 0xf8, 0xc0 | code, 0x08, number % 128, ...codeBytes]);
    return bytesOf(head, [crc8(head)], new Uint8Array(frameBytes));
  };
  return bytesOf(
    "fLaC",
    [0x80, 0, 0, 34],
    stream,
    ...Array.from({ length: frames }, (_, at) => frame(at)),
  );
}

/** Bytes of a checksum of FLAC, of 16 bits. */
const crc16 = (bytes: Uint8Array) => big(remainder(bytes, 16, 0x8005), 2);

/** The remainder of a polynomial division, bit by bit. */
function remainder(bytes: Uint8Array, width: number, polynomial: number): number {
  const top = 2 ** (width - 1);
  let value = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const isOut = (value >= top ? 1 : 0) !== (byte >> bit & 1);
      value = value * 2 % 2 ** width;
      if (isOut) value = (value ^ polynomial) >>> 0;
    }
  }
  return value;
}

/** Samples of a frame of FLAC, except the last one of a file. */
const FLAC_BLOCK = 4096;

/** A FLAC file that decoders play: uncompressed samples of 16 bits and one channel. */
export function playedFlac(samples: Int16Array, rate = 24_000): Uint8Array<ArrayBuffer> {
  const frames = flacBlocks(samples).map((block, at) => flacFrame(block, 0xf8, at));
  return bytesOf(flacHead(FLAC_BLOCK, rate, samples.length), ...frames);
}

/** The same samples in one file of unknown length, whose frames are numbered by their first sample. */
export function streamedFlac(
  pieces: readonly Int16Array[],
  rate = 24_000,
): Uint8Array<ArrayBuffer> {
  let first = 0;
  const frames = pieces.flatMap(flacBlocks).map((block) => {
    const frame = flacFrame(block, 0xf9, first);
    first += block.length;
    return frame;
  });
  return bytesOf(flacHead(16, rate, 0), ...frames);
}

function flacHead(smallest: number, rate: number, samples: number): Uint8Array {
  const stream = new Uint8Array(34);
  const view = new DataView(stream.buffer);
  view.setUint16(0, smallest);
  view.setUint16(2, FLAC_BLOCK);
  view.setBigUint64(10, BigInt(rate) << 44n | 15n << 36n | BigInt(samples));
  return bytesOf("fLaC", [0x80, 0, 0, 34], stream);
}

function flacBlocks(samples: Int16Array): Int16Array[] {
  return Array.from(
    { length: Math.ceil(samples.length / FLAC_BLOCK) },
    (_, at) => samples.subarray(at * FLAC_BLOCK, (at + 1) * FLAC_BLOCK),
  );
}

/** @param sync The second byte: 0xf8 where frames are numbered, 0xf9 where their samples are. */
function flacFrame(block: Int16Array, sync: number, number: number): Uint8Array {
  const coded = new TextEncoder().encode(String.fromCodePoint(number));
  const head = bytesOf([0xff, sync, 0x77, 0x08], coded, big(block.length - 1, 2));
  const sound = new Uint8Array(2 * block.length);
  const view = new DataView(sound.buffer);
  block.forEach((sample, at) => view.setInt16(2 * at, sample));
  const made = bytesOf(head, [crc8(head), 0x02], sound);
  return bytesOf(made, crc16(made));
}

/** The checksum of a page of Ogg, as its bytes. */
export const oggChecksum = (page: Uint8Array): number[] =>
  little(remainder(page, 32, 0x04c11db7), 4);

/** A page of Ogg with its checksum, without which decoders drop it. @param position In samples of 48 kHz. */
export function checkedPage(
  packets: readonly Uint8Array[],
  number: number,
  { position = 0, stream = 7, flags = 0 } = {},
): Uint8Array<ArrayBuffer> {
  const page = oggPage(packets, number, { position, stream });
  page[5] = flags;
  page.set(oggChecksum(page), 22);
  return page;
}

/**
 * An Ogg file of Opus that decoders play. @param samples The duration of each packet, at 48 kHz.
 */
export function playedOgg(
  packets: readonly Uint8Array[],
  samples: number,
  stream = 7,
  perPage = 50,
): Uint8Array<ArrayBuffer> {
  const pages = [
    checkedPage([opusHead], 0, { stream, flags: 2 }),
    checkedPage([opusTags], 1, { stream }),
  ];
  for (let at = 0; at < packets.length; at += perPage) {
    const some = packets.slice(at, at + perPage);
    const flags = at + perPage >= packets.length ? 4 : 0;
    const position = (at + some.length) * samples;
    pages.push(checkedPage(some, pages.length, { position, stream, flags }));
  }
  return bytesOf(...pages);
}

function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1 ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  return crc;
}
