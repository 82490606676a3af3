import { equal, ok } from "node:assert/strict";
import { joinPieces } from "../../functions/audio/join/join_pieces.ts";
import type { SpokenForm } from "../../functions/audio/voice_schema.ts";
import * as files from "../functions/support/audio_files.ts";
import { type Page, startBrowser } from "./support/browser.ts";

/** Hertz of the two pieces, and how long each of them lasts. */
const TONES = [400, 800] as const;
const SECONDS = 1;
const RATE = 24_000;

/** Microseconds, and samples of 48 kHz, of a packet of Opus. */
const PACKET = { us: 20_000, samples: 960 };

function samplesOf(hertz: number): Int16Array {
  const at = (index: number) => 12_000 * Math.sin(index * 2 * Math.PI * hertz / RATE);
  return Int16Array.from({ length: RATE * SECONDS }, (_, index) => at(index));
}

/** Opus packets of a tone, made by the browser's encoder. */
async function encode(page: Page, hertz: number): Promise<Uint8Array[]> {
  const packets = await page.evaluate(`(async () => {
    const made = [];
    const encoder = new AudioEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        made.push(btoa(String.fromCharCode(...bytes)));
      },
      error: (error) => made.push(String(error)),
    });
    encoder.configure({
      codec: "opus", sampleRate: 48000, numberOfChannels: 1, bitrate: 32000,
      opus: { frameDuration: ${PACKET.us} },
    });
    const data = Float32Array.from({ length: 48000 * ${SECONDS} },
      (_, at) => 0.4 * Math.sin(at * 2 * Math.PI * ${hertz} / 48000));
    encoder.encode(new AudioData({
      format: "f32", sampleRate: 48000, numberOfFrames: data.length, numberOfChannels: 1,
      timestamp: 0, data,
    }));
    await encoder.flush();
    return made;
  })()`);
  // SAFETY: the expression makes an array of texts in base64.
  return (packets as string[]).map((packet) => Uint8Array.fromBase64(packet));
}

/** How long the browser plays a file, and how often its wave crosses zero in each half. */
async function decode(page: Page, bytes: Uint8Array) {
  const found = await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob("${bytes.toBase64()}"), (letter) => letter.charCodeAt(0));
    const audio = await new OfflineAudioContext(1, 1, ${RATE}).decodeAudioData(bytes.buffer);
    const sound = audio.getChannelData(0);
    const crossings = (from, to) => {
      let count = 0;
      for (let at = from + 1; at < to; at++) if (sound[at - 1] < 0 && sound[at] >= 0) count++;
      return count;
    };
    const half = Math.floor(sound.length / 2);
    return { seconds: audio.duration, halves: [crossings(0, half), crossings(half, sound.length)] };
  })()`);
  // SAFETY: the expression makes such an object.
  return found as { seconds: number; halves: [number, number] };
}

function joined(form: SpokenForm, pieces: readonly Uint8Array[]): Uint8Array {
  const joiner = joinPieces(form, pieces.length);
  return files.bytesOf(...pieces.flatMap((piece, at) => [
    joiner.add(piece.subarray(0, 1000)),
    joiner.add(piece.subarray(1000)),
    joiner.endPiece(at === pieces.length - 1),
  ]));
}

Deno.test("a browser plays all pieces of speech that were joined", async (test) => {
  await using browser = await startBrowser();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("<title>Audio</title>", { headers: { "content-type": "text/html" } }),
  );
  try {
    const page = await browser.open(`http://127.0.0.1:${server.addr.port}/`, {
      width: 400,
      scheme: "light",
    });
    const opus = [];
    for (const [at, hertz] of TONES.entries()) {
      opus.push(files.playedOgg(await encode(page, hertz), PACKET.samples, 100 + at));
    }
    const forms: readonly (readonly [SpokenForm, readonly Uint8Array[]])[] = [
      ["wav", TONES.map((hertz) => files.wavOf(new Uint8Array(samplesOf(hertz).buffer)))],
      ["flac", TONES.map((hertz) => files.playedFlac(samplesOf(hertz)))],
      ["opus", opus],
    ];
    for (const [form, pieces] of forms) {
      await test.step(form, async () => {
        const { seconds, halves } = await decode(page, joined(form, pieces));
        ok(Math.abs(seconds - 2 * SECONDS) < 0.05, `${seconds} seconds`);
        for (const [at, hertz] of TONES.entries()) {
          const count = halves[at] ?? 0;
          ok(Math.abs(count - hertz * SECONDS) < 0.04 * hertz, `${hertz} Hz: ${count}`);
        }
      });
    }
    equal(page.complaints.join("\n"), "");
  } finally {
    await server.shutdown();
  }
});
