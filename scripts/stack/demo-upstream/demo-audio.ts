import { z } from "zod";
import { failure } from "./failure.ts";

/** Characters spoken per second. */
const CHARACTERS = 15;

/** A silent frame of MP3: MPEG-1, 128 kbit/s, 44.1 kHz, one channel, 1152 samples. */
const FRAME = frame();
const FRAMES_A_SECOND = 44_100 / 1152;

/** Bytes per second of PCM: 24 kHz, 16 bits, one channel. */
const PCM = 48_000;

const speechSchema = z.object({
  input: z.string().min(1),
  response_format: z.enum(["mp3", "wav", "pcm"]).nullish(),
});

/**
 * Answers requests of OpenAI's audio API. A transcript says how to get a real one; speech is silence
 * of the duration that the text would have.
 *
 * @param missing The variable that would hold the credential of the replaced vendor.
 * @returns null for another path.
 */
export async function answerAudio(
  request: Request,
  path: string,
  missing: string,
): Promise<Response | null> {
  if (request.method !== "POST") return null;
  if (path === "/v1/audio/transcriptions") return await transcribe(request, missing);
  return path === "/v1/audio/speech" ? await speak(request) : null;
}

async function transcribe(request: Request, missing: string): Promise<Response> {
  const form = await request.formData().catch(() => null);
  if (!(form?.get("file") instanceof File)) return refusal('there is no "file"');
  const text =
    `[demo model] A recording. Set ${missing} before "npm start", and it is transcribed.`;
  const format = form.get("response_format");
  return format === "text" ? new Response(`${text}\n`) : Response.json({ text });
}

async function speak(request: Request): Promise<Response> {
  const parsed = speechSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) return refusal(z.prettifyError(parsed.error));
  const { input, response_format } = parsed.data;
  const seconds = [...input].length / CHARACTERS;
  if (response_format === "wav") return audio(wav(seconds), "audio/wav");
  if (response_format === "pcm") return audio(pcm(seconds), "audio/pcm");
  const frames = Math.max(1, Math.round(seconds * FRAMES_A_SECOND));
  return audio(Uint8Array.from({ length: frames * FRAME.length }, byteOfFrame), "audio/mpeg");
}

function byteOfFrame(_: unknown, at: number): number {
  return FRAME[at % FRAME.length] ?? 0;
}

function frame(): Uint8Array {
  const bytes = new Uint8Array(417);
  bytes.set([0xff, 0xfb, 0x90, 0xc4]);
  return bytes;
}

function pcm(seconds: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * Math.round(seconds * PCM / 2));
}

function wav(seconds: number): Uint8Array<ArrayBuffer> {
  const sound = pcm(seconds);
  const bytes = new Uint8Array(44 + sound.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, letters: string) => bytes.set(new TextEncoder().encode(letters), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, PCM / 2, true);
  view.setUint32(28, PCM, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, sound.length, true);
  return bytes;
}

function audio(bytes: Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(bytes, { headers: { "content-type": type } });
}

function refusal(why: string): Response {
  return failure(400, `The demo model cannot read the request: ${why}`);
}
