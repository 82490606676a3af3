import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { joinPieces } from "../../../functions/audio/join/join_pieces.ts";
import type { SpokenForm } from "../../../functions/audio/voice_schema.ts";
import { lengthOf } from "../../../functions/_shared/gateway/formats/transcription/container.ts";
import * as files from "../support/audio_files.ts";

/** Joins pieces that come in parts of so many bytes. */
function joined(form: SpokenForm, pieces: readonly Uint8Array[], size = Infinity) {
  const joiner = joinPieces(form, pieces.length);
  const made: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    for (let at = 0; at < piece.length; at += size) {
      made.push(joiner.add(piece.subarray(at, at + size)));
    }
    made.push(joiner.endPiece(index === pieces.length - 1));
  }
  return files.bytesOf(...made);
}

const tone = (samples: number, step: number) =>
  Int16Array.from({ length: samples }, (_, at) => 8000 * Math.sin(at * step));
const packets = (count: number, mark: number) =>
  Array.from({ length: count }, (_, at) => files.bytesOf([0x48, mark, at], new Uint8Array(300)));

const WAVS = [files.wavOf(Uint8Array.of(1, 2, 3, 4)), files.wavOf(Uint8Array.of(5, 6))];
const OGGS = [
  files.playedOgg(packets(120, 1), 960, 7),
  files.playedOgg(packets(70, 2), 960, 8),
  files.playedOgg(packets(3, 3), 960, 9),
];
// Enough frames that their numbers take two bytes.
const TONES = [tone(10_000, 0.1), tone(700_000, 0.2)];
const FLACS = TONES.map((samples) => files.playedFlac(samples));

const CASES: readonly (readonly [SpokenForm, readonly Uint8Array[]])[] = [
  ["mp3", [Uint8Array.of(1), Uint8Array.of(2)]],
  ["aac", [Uint8Array.of(1), Uint8Array.of(2)]],
  ["wav", WAVS],
  ["opus", OGGS],
  ["flac", FLACS],
];

for (const [form, pieces] of CASES) {
  Deno.test(`pieces of ${form} are joined in the same way however their bytes come`, () => {
    const whole = joined(form, pieces);
    // Small parts of large files are slow to process.
    const sizes = form === "flac" ? [4096, 65_536] : [1, 7, 300, 4096];
    for (const size of sizes) deepEqual(joined(form, pieces, size), whole, String(size));
    deepEqual(joined(form, pieces.slice(0, 1)), files.bytesOf(pieces[0] ?? []));
  });
}

Deno.test("the samples of WAV come behind one header", () => {
  deepEqual(joined("wav", WAVS), files.wavOf(Uint8Array.of(1, 2, 3, 4, 5, 6)));
  // A file with a known length, and chunks before and after its samples.
  const known = files.wav(1);
  const trailing = files.bytesOf(known, "LIST", [4, 0, 0, 0], "more");
  const sound = known.subarray(44);
  equal(joined("wav", [trailing, trailing]).length, 44 + 2 * sound.length);
});

Deno.test("an incomplete sample of WAV does not shift those of the next piece", () => {
  const pieces = [[1, 2, 3], [4, 5], [6]].map((bytes) => files.wavOf(Uint8Array.from(bytes)));
  deepEqual(joined("wav", pieces), files.wavOf(Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0)));
});

Deno.test("the frames of FLAC become one stream", () => {
  const bytes = joined("flac", FLACS);
  deepEqual(bytes, files.streamedFlac(TONES));
  equal(Math.round(24_000 * lengthOf(bytes)), 710_000);
});

Deno.test("the pages of Opus become one stream", () => {
  const bytes = joined("opus", OGGS);
  const view = new DataView(bytes.buffer);
  const pages: { flags: number; stream: number; number: number; position: number }[] = [];
  for (let at = 0; at < bytes.length;) {
    const segments = bytes[at + 26] ?? 0;
    const lacing = bytes.subarray(at + 27, at + 27 + segments);
    const end = at + 27 + segments + lacing.reduce((sum, size) => sum + size, 0);
    const page = bytes.slice(at, end);
    pages.push({
      flags: bytes[at + 5] ?? 0,
      stream: view.getUint32(at + 14, true),
      number: view.getUint32(at + 18, true),
      position: Number(view.getBigUint64(at + 6, true)),
    });
    const said = page.slice(22, 26);
    page.fill(0, 22, 26);
    deepEqual(files.oggChecksum(page), [...said]);
    at = end;
  }
  deepEqual(pages.map(({ number }) => number), pages.map((_, at) => at));
  deepEqual(new Set(pages.map(({ stream }) => stream)), new Set([7]));
  deepEqual(pages.map(({ flags }) => flags), [2, 0, ...Array(pages.length - 3).fill(0), 4]);
  const positions = pages.map(({ position }) => position);
  deepEqual(positions, positions.toSorted((one, other) => one - other));
  equal(positions.at(-1), 193 * 960);
  equal(lengthOf(bytes), 193 * 0.02);
});

/** WAV with a chunk before its samples that would fill the memory. */
const ENDLESS_HEAD = files.bytesOf(
  "RIFF",
  [0xff, 0xff, 0xff, 0xff],
  "WAVELIST",
  [0xff, 0xff, 0xff, 0x7f],
  new Uint8Array(70_000),
);

for (
  const [form, pieces, reason] of [
    ["wav", [WAVS[0], Uint8Array.from({ length: 50 })], /another format/],
    ["wav", [WAVS[0], files.wav(1)], /sample formats differ/],
    ["wav", [WAVS[0], WAVS[1]?.slice(0, 20)], /no samples/],
    ["wav", [WAVS[0], ENDLESS_HEAD], /no samples/],
    ["opus", [OGGS[0], WAVS[0]], /another format/],
    ["opus", [OGGS[0], OGGS[1]?.slice(0, 500)], /incomplete/],
    ["opus", [OGGS[0], files.ogg(files.vorbisHead(48_000), [])], /not Opus/],
    ["flac", [FLACS[0], WAVS[0]], /another format/],
    ["flac", [FLACS[0], FLACS[0]?.slice(0, 9000)], /incomplete/],
    ["flac", [FLACS[0], files.playedFlac(tone(9, 1), 44_100)], /sample formats differ/],
    [
      "flac",
      [FLACS[0], files.bytesOf(files.playedFlac(tone(9, 1)), new Uint8Array(2 ** 20))],
      /above 1 MiB/,
    ],
  ] as const
) {
  Deno.test(`pieces of ${form} are refused where one is broken or ${reason.source}`, () => {
    const given = pieces.map((piece) => piece ?? new Uint8Array());
    throws(() => joined(form, given), (thrown: Error) => {
      ok(
        reason.test(thrown.message) && thrown.message.includes("response_format to mp3"),
        thrown.message,
      );
      return true;
    });
  });
}
