import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type OpenAI from "openai";
import { answerAudio } from "../support/audio_fixture.ts";
import { lengthOf } from "../../../functions/_shared/gateway/formats/transcription/container.ts";
import * as files from "../support/audio_files.ts";
import type { ChatOverrides } from "../support/chat_fixture.ts";
import { startOpenai } from "../support/openai_fixture.ts";
import { type Answer, data, stream } from "../support/upstream_server.ts";

type Ask = OpenAI.Audio.TranscriptionCreateParamsNonStreaming;

const RATES = { second: 0.0001 };
const LARGEST = 25 * 1024 * 1024;
const NO_TOKENS = {
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
};

const start = (answer: Answer, overrides: ChatOverrides = {}) => {
  const audio = startOpenai(answerAudio, answer, overrides);
  audio.chat.route = { unit_rates: RATES };
  return audio;
};
const { bytesOf } = files;
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const padded = (head: Uint8Array, size: number) => {
  const bytes = new Uint8Array(size);
  bytes.set(head);
  return bytes;
};
const littleEndian = (...fields: [bytes: 2 | 4, value: number][]) =>
  Uint8Array.from(
    fields.flatMap(([bytes, value]) =>
      Array.from({ length: bytes }, (_, at) => value / 256 ** at & 255)
    ),
  );
/** 16 kHz, 16 bits, one channel, with a chunk in front of the format as some recorders write it. */
const wav = (seconds: number) => {
  const format = littleEndian([2, 1], [2, 1], [4, 16_000], [4, 1], [2, 2], [2, 16]);
  const chunk = (name: string, body: Uint8Array) =>
    bytesOf(ascii(name), littleEndian([4, body.length]), body);
  const head = bytesOf(ascii("RIFF\0\0\0\0WAVE"), chunk("JUNK", ascii("abc\0")));
  // Streamed files have no length.
  const samples = bytesOf(ascii("data"), littleEndian([4, 0xffffffff]));
  const start = bytesOf(head, chunk("fmt ", format), samples);
  return padded(start, start.length + 32_000 * seconds);
};
type Format = Parameters<typeof littleEndian>;
/** Samples behind one or several format chunks: codec, channels, hertz, byte rate, block size, bits. */
const wavOf = (seconds: number, ...formats: Format[]) =>
  padded(
    bytesOf(
      ascii("RIFF\0\0\0\0WAVE"),
      ...formats.map((fields) => {
        const body = littleEndian(...fields);
        return bytesOf(ascii("fmt "), littleEndian([4, body.length]), body);
      }),
      ascii("data\xff\xff\xff\xff"),
    ),
    12 + 8 + formats.reduce((sum, fields) => sum + 8 + littleEndian(...fields).length, 0) +
      8_000 * seconds,
  );
const format = (codec: number, bits: number, rate = 8_000): Format => [
  [2, codec],
  [2, 1],
  [4, rate],
  [4, 0xffffffff],
  [2, 0xffff],
  [2, bits],
];
/** Frames of MPEG-1, layer III, of 44.1 kHz, behind a tag: 128 and 32 kbit/s in turn. */
const mp3 = (frames: number) =>
  bytesOf(
    ascii("ID3\x04\0\0\0\0\0\x04\xff\xfb\x90\0"),
    ...Array.from({ length: frames }, (_, at) =>
      at % 2 === 0
        ? padded(Uint8Array.of(0xff, 0xfb, 0x90, 0), 417)
        : padded(Uint8Array.of(0xff, 0xfb, 0x10, 0), 104)),
  );
const file = (bytes: Uint8Array<ArrayBuffer>, name = "talk.wav", type = "audio/wav") =>
  new File([bytes], name, { type });
const ask = (bytes = wav(3), more: Partial<Ask> = {}): Ask => ({
  model: "listener",
  file: file(bytes),
  ...more,
});
const whole = (extra: object = {}) => () => Response.json({ text: "Good morning.", ...extra });

Deno.test("OpenAI's client gets the transcript; the vendor gets the file, byte for byte", async () => {
  await using audio = start(whole({ usage: { type: "duration", seconds: 4 } }));
  const bytes = wav(3);
  bytes.set(Uint8Array.from({ length: 512 }, (_, at) => at % 256), 200);
  const answer = await audio.openai.audio.transcriptions.create(ask(bytes, {
    file: file(bytes, "the talk ü.wav"),
    language: "en",
    prompt: "Names: Alice",
    temperature: 0.2,
  }));
  deepEqual(answer, { text: "Good morning.", usage: { type: "duration", seconds: 4 } });
  const [call] = audio.chat.upstream.received;
  equal(call?.path, "/v1/audio/transcriptions");
  deepEqual(
    new Map(call?.body.map(([field, ...value]: unknown[]) => [field, value])),
    new Map<string, unknown[]>([
      ["file", ["the talk ü.wav", "audio/wav", bytes]],
      ["language", ["en"]],
      ["prompt", ["Names: Alice"]],
      ["temperature", ["0.2"]],
      ["model", ["openai/gpt-4o"]],
    ]),
  );
  const { state, content, usage } = await audio.chat.database.settled();
  deepEqual([state, content, usage], ["succeeded", "[transcript]", {
    ...NO_TOKENS,
    units: { second: 4 },
    estimated: false,
  }]);
  const { request } = audio.chat.database.turns[0]!;
  deepEqual([request.kind, request.session_id, request.units], ["transcription", null, {
    second: 3,
  }]);
});

Deno.test("verbose transcripts keep their words, and are charged by their duration", async () => {
  const words = [{ word: "Good", start: 0, end: 0.4 }];
  await using audio = start(whole({ task: "transcribe", duration: 2.11, words }));
  const answer = await audio.openai.audio.transcriptions.create(
    ask(wav(3), { response_format: "verbose_json", timestamp_granularities: ["word", "segment"] }),
  );
  deepEqual([Reflect.get(answer, "duration"), Reflect.get(answer, "words")], [2.11, words]);
  const sent = audio.chat.upstream.received[0]?.body.slice(1);
  deepEqual(
    sent.filter(([field]: [string]) => field.startsWith("timestamp")),
    [["timestamp_granularities[]", "word"], ["timestamp_granularities[]", "segment"]],
  );
  const { usage } = await audio.chat.database.settled();
  deepEqual([usage?.units, usage?.estimated], [{ second: 3 }, false]);
});

Deno.test("a duration that no such file has is not charged", async () => {
  await using audio = start(whole({ duration: 3_000 }));
  await audio.openai.audio.transcriptions.create(ask());
  const { usage } = await audio.chat.database.settled();
  deepEqual([usage?.units, usage?.estimated], [{ second: 3 }, true]);
});

const texts = {
  text: ["Good morning.\n", "text/plain; charset=utf-8"],
  srt: ["1\n00:00:00,000 --> 00:00:01,000\nGood\n", "application/x-subrip; charset=utf-8"],
  vtt: ["WEBVTT\n\n00:00.000 --> 00:01.000\nGood\n", "text/vtt; charset=utf-8"],
} as const;
Deno.test("texts and subtitles come as they are; their seconds are those of the container", async () => {
  for (const form of ["text", "srt", "vtt"] as const) {
    const [said, type] = texts[form];
    await using audio = start(() => new Response(said));
    const response = await audio.openai.audio.transcriptions
      .create(ask(wav(3), { response_format: form })).asResponse();
    deepEqual([await response.text(), response.headers.get("content-type")], [said, type]);
    const { usage } = await audio.chat.database.settled();
    deepEqual([usage?.units, usage?.estimated], [{ second: 3 }, true]);
  }
});

Deno.test("a transcript is streamed as it is made, and charged by the tokens that its end names", async () => {
  const usage = {
    type: "tokens",
    input_tokens: 30,
    output_tokens: 5,
    total_tokens: 35,
    input_token_details: { audio_tokens: 30 },
  };
  const events = [
    { type: "transcript.text.delta", delta: "Good " },
    { type: "transcript.text.delta", delta: "morning." },
    { type: "transcript.text.done", text: "Good morning.", usage },
  ];
  await using audio = start(() => stream(...events.map(data)));
  audio.chat.route = {};
  const got = [];
  for await (
    const event of await audio.openai.audio.transcriptions.create({ ...ask(), stream: true })
  ) {
    got.push(event);
  }
  deepEqual(got, events);
  const settled = await audio.chat.database.settled();
  const { input_tokens, output_tokens, estimated } = settled.usage!;
  deepEqual([settled.state, input_tokens, output_tokens, estimated], ["succeeded", 30, 5, false]);
  const sent = new Map(audio.chat.upstream.received[0]?.body);
  deepEqual([sent.get("stream"), audio.chat.upstream.received[0]?.headers.get("accept")], [
    "true",
    "text/event-stream",
  ]);
});

Deno.test("a long recording may have as many tokens as its vendor says", async () => {
  const usage = { type: "tokens", input_tokens: 60_000, output_tokens: 5, total_tokens: 60_005 };
  await using audio = start(whole({ usage }));
  audio.chat.route = {};
  for (const [size, charged] of [[100_000, 60_000], [1_000, 40_960]] as const) {
    await audio.openai.audio.transcriptions.create(ask(padded(ascii("OggS"), size)));
    const { outcomes } = audio.chat.database.turns.at(-1)!;
    deepEqual([size, outcomes[0]?.usage?.input_tokens], [size, charged]);
  }
});

Deno.test("a model that does not stream answers a stream with its one event", async () => {
  await using audio = start(whole({ usage: { type: "duration", seconds: 3 } }));
  const got = [];
  for await (
    const event of await audio.openai.audio.transcriptions.create({ ...ask(), stream: true })
  ) {
    got.push(event);
  }
  const usage = { type: "duration", seconds: 3 };
  deepEqual(got, [{ text: "Good morning.", usage, type: "transcript.text.done" }]);
  deepEqual((await audio.chat.database.settled()).usage?.units, { second: 3 });
});

Deno.test("a stream that breaks off ends with an error, and costs the whole recording", async () => {
  const delta = data({ type: "transcript.text.delta", delta: "Good" });
  await using audio = start(() => stream(delta, data({ error: { message: "overloaded" } })));
  audio.chat.route = { unit_rates: RATES, cancel_stops_billing: true };
  await rejects(async () => {
    for await (
      const _event of await audio.openai.audio.transcriptions.create({ ...ask(), stream: true })
    );
  });
  const { state, usage } = await audio.chat.database.settled();
  deepEqual([state, usage?.units, usage?.estimated], ["partial", { second: 3 }, true]);
});

const near = (actual: number, expected: number, claim?: string) =>
  ok(Math.abs(actual - expected) < 0.01, `${claim ?? ""} ${actual}, not ${expected}`);

Deno.test("the length of audio is what its decoder plays", () => {
  near(lengthOf(wav(3)), 3);
  near(lengthOf(mp3(100)), 100 * 1152 / 44_100);
  near(lengthOf(files.flac(40)), 40 * 4096 / 16_000);
  // At 6 kbit/s, and as few bytes as silence has.
  for (const size of [15, 3]) {
    const packets = Array.from({ length: 500 }, () => files.opusPacket(size));
    near(lengthOf(files.ogg(files.opusHead, packets)), 10, "Opus in Ogg");
    near(lengthOf(files.webm(packets)), 10, "Opus in WebM");
  }
  near(lengthOf(files.webm([files.opusPacket(700, true)])), 0.18, "frames of 60 ms in a packet");
  near(
    lengthOf(files.ogg(files.opusHead, [files.opusPacket(700, true)])),
    0.18,
    "over three lacings",
  );
  near(lengthOf(files.mp4(1000)), 64, "AAC");
  near(lengthOf(files.mp4(1000, { isFragmented: true })), 64, "AAC in fragments");
  near(lengthOf(files.mp4(1000, { index: 4 })), 1000 * 1024 / 44_100, "44.1 kHz");
  // Each block counts as a long one.
  const packets = Array.from({ length: 429 }, () => new Uint8Array(40));
  near(lengthOf(files.ogg(files.vorbisHead(44_100), packets)), 429 * 1024 / 44_100, "Vorbis");
});

Deno.test("a header that understates the length of audio makes it no cheaper", () => {
  const muLaw: Format = [...format(0xfffe, 8), [2, 22], [2, 8], [4, 4], [2, 7]];
  near(lengthOf(wavOf(60, format(1, 8))), 60);
  near(lengthOf(wavOf(60, format(7, 8))), 60);
  near(lengthOf(wavOf(60, muLaw)), 60);
  near(lengthOf(wavOf(60, format(1, 8), format(1, 8, 0xffffffff))), 60);
  near(lengthOf(wavOf(60, format(1, 8, 0xffffffff), format(1, 8))), 60);
  // Frames of layer II behind one of layer III.
  near(lengthOf(padded(mp3(1), 400_000)), 10);
  const seconds = 40 * 4096 / 16_000;
  const short = [
    { samples: 1 },
    { rate: 655_350 },
    { samples: 0, rate: 1_048_575 },
    // Frames of a rate of 0, of 96 and of 655 kHz.
    { code: 12, codeBytes: [0] },
    { code: 11 },
    { code: 14, codeBytes: [0xff, 0xff] },
  ];
  for (const claims of short) near(lengthOf(files.flac(40, claims)), seconds, "a short FLAC");
  const packets = Array.from({ length: 500 }, () => files.opusPacket(15));
  near(lengthOf(files.ogg(files.opusHead, packets, 1)), 10, "the position of the last page");
  near(lengthOf(files.mp4(1000, { claims: 1, entryRate: 65_535 })), 64, "the durations of MP4");
  near(lengthOf(files.mp4(1000, { edits: 3 })), 192, "edits that repeat it");
  for (const handlers of [["soun", "url "], ["url "], ["soun", "vide"]]) {
    const hidden = files.mp4(1000, { handlers });
    near(lengthOf(bytesOf(files.mp4(1), hidden)), 64, "sound by another handler");
  }
  near(lengthOf(bytesOf(files.mp4(1000), files.mp4(9000, { handlers: ["vide"] }))), 64, "a video");
  const page = [files.opusHead, files.opusTags, ...packets.slice(0, 100)];
  const single = [1, 2, 3].map((stream) => files.oggPage(page, 0, { stream }));
  near(lengthOf(bytesOf(...single)), 6, "packets in the page of a header");
  near(lengthOf(bytesOf(ascii("ID3\x04\0\0\0\0\0\x03tag"), files.webm(packets))), 10, "a tag");
  // 24 kHz, 8 kbit/s, with what looks like a frame of 320 kbit/s in each.
  const layer2 = bytesOf(
    Uint8Array.of(0xff, 0xf5, 0x14, 0, 0xff, 0xfb, 0xe0, 0),
    new Uint8Array(40),
  );
  const low = bytesOf(mp3(1), ...Array.from({ length: 500 }, () => layer2));
  near(lengthOf(low), 24 + 1152 / 44_100, "frames of layer II");
});

Deno.test("a header that overstates the length of audio without bound is counted up to 25 days", async () => {
  const most = (2 ** 31 - 1) / 1000;
  near(lengthOf(wavOf(300, format(1, 8, 1))), most, "a hertz");
  const bytes = files.mp4(1, { edits: 3 });
  const frames = new TextDecoder("latin1").decode(bytes).indexOf("stsz") + 12;
  new DataView(bytes.buffer).setUint32(frames, 0xffffffff);
  near(lengthOf(bytes), most, "frames without number");
  await using audio = start(whole());
  await audio.openai.audio.transcriptions.create(ask(bytes));
  const { request } = audio.chat.database.turns[0]!;
  // What the database holds as a number of four bytes.
  ok(request.max_output_tokens! < 2 ** 31, `${request.max_output_tokens}`);
});

Deno.test("what does not say how long it lasts counts as long as its bytes can last", () => {
  const packets = Array.from({ length: 500 }, () => files.opusPacket(15));
  const opus = files.ogg(files.opusHead, packets);
  const recorded = files.webm(packets);
  const unknown = {
    "a codec of telephones": wavOf(60, format(0x11, 4)),
    "FLAC without a frame": files.flac(0),
    "Ogg of another codec": files.ogg(ascii("Speex   "), packets),
    "Ogg with bytes between its pages": bytesOf(opus, ascii("hidden"), opus),
    "WebM of another codec": files.webm(packets, "A_EAC3"),
    "WebM with an element that hides the rest": bytesOf(
      recorded,
      Uint8Array.of(0xec, 0x1f, 0xff, 0xff, 0xff),
      recorded,
    ),
    "WebM that breaks off in its head": recorded.slice(0, 60),
    "MP4 of another codec": files.mp4(1000, { codec: "alac" }),
    "MP4 with a box without a size": bytesOf(
      files.mp4(1),
      Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0),
      files.mp4(1000),
    ),
    "no more than a beginning": padded(ascii("OggS"), 6_000),
    "MP4 of very many tracks": bytesOf(
      files.mp4(1000),
      ...Array.from({ length: 100 }, () => ascii("\0\0\0\x08trak")),
    ),
    "WebM of very many tracks": bytesOf(
      recorded,
      ...Array.from({ length: 100 }, () => Uint8Array.of(0xae, 0x80)),
    ),
    "Ogg of very many streams": bytesOf(
      ...Array.from(
        { length: 1001 },
        (_, stream) => files.oggPage([files.opusHead], 0, { stream }),
      ),
    ),
    "WebM that names two codecs": bytesOf(recorded, ascii("\x86\x85V_VP8")),
  };
  for (const [claim, bytes] of Object.entries(unknown)) {
    near(lengthOf(bytes), 8 * bytes.length / 6_000, claim);
  }
});

Deno.test("a recording without a vendor's duration is reserved and charged by what it plays", async () => {
  await using audio = start(() => new Response("Good morning."));
  const bytes = files.webm(Array.from({ length: 575 }, () => files.opusPacket(15)));
  await audio.openai.audio.transcriptions.create(ask(bytes, { response_format: "text" }));
  deepEqual(audio.chat.database.turns[0]?.request.units, { second: 12 });
  const { usage } = await audio.chat.database.settled();
  deepEqual([usage?.units, usage?.estimated], [{ second: 12 }, true]);
});

Deno.test("ElevenLabs is asked in its own form, charged by the length of the recording", async () => {
  await using audio = start(() => Response.json({ text: "Guten Morgen.", language_code: "deu" }));
  audio.chat.route = { unit_rates: RATES, api_format: "elevenlabs" };
  const { text } = await audio.openai.audio.transcriptions.create({
    ...ask(wav(3)),
    language: "de",
  });
  equal(text, "Guten Morgen.");
  const [call] = audio.chat.upstream.received;
  equal(call?.path, "/v1/speech-to-text");
  const fields = call?.body.map(([name, value]: [string, string]) =>
    name === "file" ? [name] : [name, value]
  );
  deepEqual(fields, [["model_id", "openai/gpt-4o"], ["file"], ["language_code", "de"]]);
  const { usage } = await audio.chat.database.settled();
  deepEqual([usage?.units, usage?.estimated], [{ second: 3 }, true]);
  for (const [field, value] of [["response_format", "srt"], ["stream", true]] as const) {
    const refused = audio.openai.audio.transcriptions.create({ ...ask(wav(3)), [field]: value });
    await rejects(refused, { status: 400, param: field });
  }
  equal(audio.chat.upstream.received.length, 1);
});

Deno.test("Deepgram is sent the file alone, and its answer comes in OpenAI's form", async () => {
  await using audio = start(() =>
    Response.json({
      metadata: { duration: 2.5 },
      results: {
        channels: [{
          detected_language: "de",
          alternatives: [{
            transcript: "Guten Morgen.",
            confidence: 0.9,
            words: [{ word: "guten" }],
          }],
        }],
      },
    })
  );
  audio.chat.route = { unit_rates: RATES, api_format: "deepgram" };
  const bytes = wav(3);
  const heard = await audio.openai.audio.transcriptions.create({ ...ask(bytes), language: "de" });
  const words = [{ word: "guten" }];
  const expected = { text: "Guten Morgen.", language: "de", duration: 2.5, words, confidence: 0.9 };
  deepEqual({ ...heard }, expected);
  const [call] = audio.chat.upstream.received;
  deepEqual([call?.path, call?.search], ["/v1/listen", "?model=openai%2Fgpt-4o&language=de"]);
  deepEqual(call?.body, bytes);
  equal(call?.headers.get("content-type"), "audio/wav");
  const { usage } = await audio.chat.database.settled();
  deepEqual([usage?.units, usage?.estimated], [{ second: 3 }, false]);
  for (const [field, value] of [["response_format", "srt"], ["stream", true]] as const) {
    const refused = audio.openai.audio.transcriptions.create({ ...ask(wav(3)), [field]: value });
    await rejects(refused, { status: 400, param: field });
  }
  // What the vendor charges extra for is bought with a key of the caller's own.
  const redacted = { ...ask(wav(3)), redact: ["pii"] };
  audio.chat.route = { ...audio.chat.route, credential: "platform" };
  await rejects(audio.openai.audio.transcriptions.create(redacted), {
    status: 400,
    param: "redact[]",
  });
  equal(audio.chat.upstream.received.length, 1);
});

for (
  const [what, body] of Object.entries({
    "no transcript": { results: { channels: [{ alternatives: [{}] }] } },
    "an error": { err_code: "Bad Request", err_msg: "Unsupported data" },
  })
) {
  Deno.test(`Deepgram's answer with ${what} makes a 502`, async () => {
    await using audio = start(() => Response.json(body));
    audio.chat.route = { unit_rates: RATES, api_format: "deepgram" };
    await rejects(audio.openai.audio.transcriptions.create(ask(wav(3))), { status: 502 });
    equal((await audio.chat.database.settled()).state, "failed");
  });
}

Deno.test("a transcript is repeated for its Idempotency-Key, and another file is another request", async () => {
  await using audio = start(() => new Response("Good morning."));
  const headers = { "idempotency-key": "k" };
  const params = { ...ask(), response_format: "text" } as const;
  await audio.openai.audio.transcriptions.create(params, { headers });
  const { answer } = await audio.chat.database.settled();
  const { turn_id } = audio.chat.database.turns[0]!.turn;
  for (const bytes of [wav(3), wav(4)]) {
    const again = { ...params, file: file(bytes) };
    await audio.openai.audio.transcriptions.create(again, { headers });
  }
  const [first, second, third] = audio.chat.database.turns.map(({ request }) =>
    request.fingerprint
  );
  deepEqual([first === second, first === third], [true, false]);
  audio.chat.database.replay = { replay: { ...answer }, turn_id, session_id: null };
  equal(await audio.openai.audio.transcriptions.create(params, { headers }), "Good morning.");
});

const refused: Record<
  string,
  [form: Record<string, string | File>, status: number, param: string | null]
> = {
  "no file": [{ model: "listener" }, 400, "file"],
  "a text as a file": [{ file: "hello" }, 400, "file"],
  "a PDF": [{ file: file(ascii("%PDF-1.7\n"), "talk.mp3", "audio/mpeg") }, 400, "file"],
  "a text file": [{ file: file(ascii("Good morning")) }, 400, "file"],
  "a text in UTF-16": [{ file: file(Uint8Array.of(0xff, 0xfe, 0x47, 0, 0x6f, 0)) }, 400, "file"],
  "an empty file": [{ file: file(new Uint8Array()) }, 400, "file"],
  "too large a file": [{ file: file(padded(wav(0), LARGEST + 1)) }, 413, "file"],
  "too large a form": [{ file: file(padded(wav(0), 2 * LARGEST)) }, 413, null],
  "an unknown form": [{ file: file(wav(1)), response_format: "pdf" }, 400, "response_format"],
  "a temperature out of range": [{ file: file(wav(1)), temperature: "7" }, 400, "temperature"],
  "streamed subtitles": [
    { file: file(wav(1)), response_format: "srt", stream: "true" },
    400,
    "stream",
  ],
  "a text with a null character": [{ file: file(wav(1)), model: "a\0b" }, 400, "model"],
  "too many fields": [
    Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`field${at}`, ""])),
    400,
    null,
  ],
};
Deno.test("what cannot be transcribed is refused by the field, in OpenAI's form of errors", async () => {
  await using audio = start(whole());
  for (const [what, [fields, status, param]] of Object.entries(refused)) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const response = await audio.fetch("http://127.0.0.1/audio/transcriptions", {
      method: "POST",
      body,
    });
    const { error } = await response.json();
    deepEqual([what, response.status, error.param], [what, status, param]);
    equal(error.type, "invalid_request_error");
  }
  for (
    const type of ["application/json", "multipart/form-data", "multipart/form-data; boundary=x"]
  ) {
    const headers = { "content-type": type };
    const init = { method: "POST", headers, body: "--x\r\nbroken" };
    const response = await audio.fetch("http://127.0.0.1/audio/transcriptions", init);
    deepEqual([response.status, (await response.json()).error.code], [400, "invalid_form"]);
  }
  deepEqual([audio.chat.upstream.received.length, audio.chat.database.turns.length], [0, 0]);
});

const wrong: Record<string, [answer: () => Response, more?: Partial<Ask>]> = {
  "nothing": [() => new Response("")],
  "a page for a text": [() => new Response("<!DOCTYPE html>"), { response_format: "text" }],
  "JSON for a text": [() => Response.json({ hello: 1 }), { response_format: "text" }],
  "a text for subtitles": [() => new Response("Good morning."), { response_format: "vtt" }],
  "an error in a 200": [() => Response.json({ error: { message: "x" } })],
  "an error": [() => Response.json({ error: { message: "x" } }, { status: 500 })],
};
for (const [what, [answer, more]] of Object.entries(wrong)) {
  Deno.test(`a vendor of transcripts that answers ${what} makes a 502`, async () => {
    await using audio = start(answer);
    await rejects(audio.openai.audio.transcriptions.create(ask(wav(1), more)), { status: 502 });
    equal((await audio.chat.database.settled()).state, "failed");
  });
}

/** 25 MiB of one pattern behind the beginning of a file. */
function filled(head: readonly number[], pattern: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(25 * 1024 * 1024);
  bytes.set(pattern);
  for (let at = pattern.length; at < bytes.length; at *= 2) bytes.copyWithin(at, 0, at);
  bytes.set(head);
  return bytes;
}

/** A page of Ogg of as many empty packets as it can have. */
function emptyPage(): number[] {
  return [...files.oggPage([files.opusHead, ...Array(254).fill(new Uint8Array())], 0)];
}

const LONGEST = 2_147_483.647;
const hostile: Record<string, [head: readonly number[], pattern: readonly number[]]> = {
  "what looks like frames of FLAC": [[...ascii("fLaC")], [0xff, 0xf8]],
  "what looks like frames of MP3": [[0xff, 0xfb, 0x90, 0], [0xff]],
  "boxes of MP4": [[0, 0, 0, 8, ...ascii("ftyp")], [0, 0, 0, 8, ...ascii("free")]],
  "elements of WebM": [[0x1a, 0x45, 0xdf, 0xa3, 0x81, 0], [0xec, 0x80]],
  "empty packets of Ogg": [[], emptyPage()],
  "chunks of WAV": [[...ascii("RIFF\0\0\0\0WAVE")], [0, 0, 0, 0, ...ascii("fmt ")]],
};
for (const [what, [head, pattern]] of Object.entries(hostile)) {
  Deno.test(`a file of millions of ${what} is not read to its end, and taken to last the longest`, () => {
    equal(lengthOf(filled(head, pattern)), LONGEST);
  });
}
