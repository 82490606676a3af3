import type { AudioForm } from "./schema.ts";

/**
 * Kilobits per second of MPEG-1 and MPEG-2 audio, layer III, by their index in the header of a
 * frame.
 */
export const BITRATES = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** Bytes per second of OpenAI's PCM: 24 kHz, 16 bits, one channel. */
const PCM_BYTES = 48_000;

/**
 * The duration of audio, from its first bytes and its length.
 *
 * @param head Its first bytes.
 * @param length The number of bytes of the audio.
 * @returns Seconds; null if the format does not determine it.
 */
export function secondsOf(form: AudioForm, head: Uint8Array, length: number): number | null {
  if (form === "pcm") return length / PCM_BYTES;
  if (form === "wav") return wavSeconds(head, length);
  return form === "mp3" ? mp3Seconds(head, length) : null;
}

function wavSeconds(head: Uint8Array, length: number): number | null {
  if (head.length < 44 || new TextDecoder().decode(head.subarray(0, 4)) !== "RIFF") return null;
  const byteRate = new DataView(head.buffer, head.byteOffset).getUint32(28, true);
  return byteRate > 0 ? Math.max(0, length - 44) / byteRate : null;
}

function mp3Seconds(head: Uint8Array, length: number): number | null {
  const start = head.findIndex((byte, at) =>
    byte === 0xff && ((head[at + 1] ?? 0) & 0xe6) === 0xe2
  );
  const [version = 0, rate = 0] = start < 0 ? [] : head.subarray(start + 1, start + 3);
  const rates = (version & 0x18) === 0x18 ? BITRATES.mpeg1 : BITRATES.mpeg2;
  const kilobits = rates[rate >> 4];
  return kilobits ? (length - start) * 8 / (kilobits * 1000) : null;
}
