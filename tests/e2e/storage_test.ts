import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { eventually, openDatabase, type Person, signUp, stack } from "./support/stack.ts";

const AUDIO = Uint8Array.from({ length: 100_000 }, (_, at) => at * at % 251);
const WEBM = { contentType: "audio/webm" };

/** A session of a person, and the folder of its recordings. */
async function folderOf(person: Person): Promise<string> {
  const { data, error } = await person.supabase.from("chat_sessions").insert({ title: "Talk" })
    .select(
      "id, org_id",
    )
    .single();
  ok(data, error?.message);
  return `${data.org_id}/${data.id}`;
}

const voiceOf = ({ supabase }: Person) => supabase.storage.from("voice");
const bytesOf = async (blob: Blob | null) => new Uint8Array(await blob!.arrayBuffer());
/** The status and message of a refusal by Storage. */
const refusal = ({ error }: { error: unknown }) => {
  ok(error instanceof Error);
  return [Number(Reflect.get(error, "statusCode")), error.message];
};
const POLICY = "new row violates row-level security policy";

Deno.test("a person's recording is stored, listed, played in parts and by a signed URL, and deleted", async () => {
  const ann = await signUp("ann");
  const folder = await folderOf(ann);
  const path = `${folder}/${crypto.randomUUID()}.webm`;
  const voice = voiceOf(ann);
  const uploaded = await voice.upload(path, AUDIO, WEBM);
  deepEqual([uploaded.error, uploaded.data?.path], [null, path]);
  const asForm = `${folder}/${crypto.randomUUID()}.wav`;
  equal((await voice.upload(asForm, new Blob([AUDIO], { type: "audio/wav" }))).error, null);
  deepEqual(await bytesOf((await voice.download(path)).data), AUDIO);
  deepEqual(await bytesOf((await voice.download(asForm)).data), AUDIO);
  const listed = await voice.list(folder, { sortBy: { column: "name", order: "desc" } });
  deepEqual(
    listed.data?.map(({ name, metadata }) => [name, metadata?.mimetype, metadata?.size]).sort(),
    [[path, "audio/webm"], [asForm, "audio/wav"]]
      .map(([name, type]) => [name?.split("/").at(-1), type, AUDIO.length]).sort(),
  );
  deepEqual((await voice.list(folder.split("/")[0])).data?.map(({ name, id }) => [name, id]), [
    [folder.split("/")[1], null],
  ]);
  equal((await voice.info(path)).data?.contentType, "audio/webm");
  equal((await voice.exists(path)).data, true);
  equal((await voice.exists(`${folder}/${crypto.randomUUID()}.webm`)).data, false);

  const signed = await voice.createSignedUrl(path, 60);
  const play = (range?: string, method = "GET") =>
    fetch(signed.data!.signedUrl, { method, headers: range ? { range } : {} });
  const whole = await play();
  deepEqual(
    ["content-type", "accept-ranges", "access-control-allow-origin"].map((name) =>
      whole.headers.get(name)
    ),
    ["audio/webm", "bytes", "*"],
  );
  deepEqual(new Uint8Array(await whole.arrayBuffer()), AUDIO);
  for (
    const [range, from, to] of [
      ["bytes=0-0", 0, 1],
      ["bytes=99990-", 99_990, 100_000],
      ["bytes=-5", 99_995, 100_000],
      ["bytes=70000-999999", 70_000, 100_000],
    ] as const
  ) {
    const part = await play(range);
    equal(part.status, 206, range);
    equal(part.headers.get("content-range"), `bytes ${from}-${to - 1}/100000`);
    deepEqual(new Uint8Array(await part.arrayBuffer()), AUDIO.slice(from, to));
  }
  equal((await (await play("bytes=100000-")).json()).error, "invalid_range");
  const head = await play(undefined, "HEAD");
  deepEqual([head.status, head.headers.get("content-length")], [200, "100000"]);
  const saved = await voice.createSignedUrl(path, 60, { download: "a b.webm" });
  const attachment = await fetch(saved.data!.signedUrl);
  equal(attachment.headers.get("content-disposition"), 'attachment; filename="a%20b.webm"');
  await attachment.body?.cancel();

  const removed = await voice.remove([path, `${folder}/nothing.webm`]);
  deepEqual(removed.data?.map(({ name }) => name), [path]);
  deepEqual(refusal(await voice.download(path)).slice(1), ["Object not found"]);
  const gone = await play();
  equal((await gone.json()).message, "Object not found");
});

Deno.test("no other user reaches a recording, and no path leaves the session's folder", async () => {
  const [ann, ben] = await Promise.all([signUp("ann"), signUp("ben")]);
  const [folder, other] = await Promise.all([folderOf(ann), folderOf(ben)]);
  const path = `${folder}/${crypto.randomUUID()}.webm`;
  const mine = `${other}/${crypto.randomUUID()}.webm`;
  equal((await voiceOf(ann).upload(path, AUDIO, WEBM)).error, null);
  equal((await voiceOf(ben).upload(mine, AUDIO, WEBM)).error, null);
  const bens = voiceOf(ben);
  deepEqual(refusal(await bens.upload(`${folder}/${crypto.randomUUID()}.webm`, AUDIO, WEBM)), [
    403,
    POLICY,
  ]);
  equal((await bens.download(path)).data, null);
  equal((await bens.createSignedUrl(path, 60)).error?.message, "Object not found");
  deepEqual((await bens.createSignedUrls([path, mine], 60)).data?.map(({ error }) => error), [
    "Either the object does not exist or you do not have access to it",
    null,
  ]);
  deepEqual((await bens.list(folder)).data, []);
  deepEqual((await bens.remove([path])).data, []);
  equal((await bens.update(path, AUDIO, WEBM)).error?.message, "Object not found");
  equal((await bens.move(path, mine.replace(".webm", ".ogg"))).error?.message, "Object not found");
  equal((await bens.copy(path, mine.replace(".webm", ".ogg"))).error?.message, "Object not found");
  const elsewhere = await bens.copy(mine, "a.webm", { destinationBucket: "no-bucket" });
  deepEqual(refusal(elsewhere), [404, "Bucket not found"]);
  deepEqual(refusal(await bens.upload(mine, AUDIO, WEBM)), [409, "The resource already exists"]);
  deepEqual(refusal(await bens.upload(mine, AUDIO, { ...WEBM, upsert: true })), [403, POLICY]);
  equal(
    (await bens.createSignedUploadUrl(`${folder}/${crypto.randomUUID()}.webm`)).error?.message,
    POLICY,
  );

  // Paths that no client would write.
  const raw = (method: string, rest: string, headers: Record<string, string> = {}) =>
    fetch(`${stack.API_URL}/storage/v1/object/${rest}`, {
      method,
      headers: {
        authorization: `Bearer ${ben.accessToken}`,
        apikey: stack.PUBLISHABLE_KEY,
        "content-type": "audio/webm",
        ...headers,
      },
      ...method === "POST" && { body: AUDIO },
    });
  const escapes = [
    `voice/${other}%2f..%2f..%2f${folder}%2fx.webm`,
    `voice/${other}/..%2f..%2fx.webm`,
    `voice/%2e%2e%2f%2e%2e%2fsecrets.json`,
    `voice/${other}//x.webm`,
    `voice/${other}/a%00b.webm`,
    `voice/${other}/%ff.webm`,
    `voice/${other}/a%5c..%5cb.webm`,
  ];
  for (const escape of escapes) {
    for (const method of ["POST", "GET", "HEAD"]) {
      const answer = await raw(method, escape);
      equal(answer.status, 400, `${method} ${escape}`);
      if (method !== "HEAD") match((await answer.json()).message, /^Invalid key|no object/, escape);
    }
  }
  for (
    const [token, message] of [["", "JWT"], ["wvt_of_a_visitor", "JWT"], ["no.real.token", "JWT"]]
  ) {
    const answer = await raw("GET", `voice/${path}`, {
      authorization: `Bearer ${token}`,
      apikey: "",
    });
    equal(answer.status, 400);
    match((await answer.json()).message, new RegExp(message ?? ""));
  }
  for (
    const rest of [`public/voice/${path}`, `sign/voice/${path}?token=x.y.z`, `sign/voice/${path}`]
  ) {
    equal((await raw("GET", rest)).status, 400, rest);
  }
  // The signed URL of another person, a changed one, an expired one, and one for an upload.
  const { data } = await voiceOf(ann).createSignedUrl(path, 1);
  const url = new URL(data!.signedUrl);
  const swapped = await fetch(url.href.replace(path, mine));
  deepEqual([swapped.status, (await swapped.json()).error], [400, "InvalidJWT"]);
  const message = async () =>
    z.object({ message: z.string() }).safeParse(
      await fetch(url).then((answer) => answer.json()).catch(() => null),
    ).data?.message;
  await eventually(message, (text) => text === '"exp" claim timestamp check failed');
});

Deno.test("uploads that are too large or not audio are refused, and signed uploads work", async () => {
  const ann = await signUp("ann");
  const folder = await folderOf(ann);
  const voice = voiceOf(ann);
  const path = `${folder}/${crypto.randomUUID()}.webm`;
  const large = new Uint8Array(26_214_401);
  const tooLarge = [413, "The object exceeded the maximum allowed size"];
  deepEqual(refusal(await voice.upload(path, large, WEBM)), tooLarge);
  deepEqual(refusal(await voice.upload(path, new Blob([large], { type: "audio/webm" }))), tooLarge);
  const chunked = new Blob([large]).stream();
  deepEqual(refusal(await voice.upload(path, chunked, { ...WEBM, duplex: "half" })), tooLarge);
  for (const contentType of ["application/pdf", "text/html", "audio/webm;codecs=opus", "audio"]) {
    const answer = await voice.upload(path, AUDIO, { contentType });
    deepEqual(refusal(answer), [415, `mime type ${contentType} is not supported`]);
  }
  equal((await voice.download(path)).data, null);
  equal(
    (await ann.supabase.storage.from("nothing").upload("a", AUDIO)).error?.message,
    "Bucket not found",
  );
  // A bucket whose name begins like an operation of the API.
  await using database = openDatabase();
  const bucket = `move-${crypto.randomUUID()}`;
  await database.sql`insert into storage.buckets (id, name) values (${bucket}, ${bucket})`;
  deepEqual(refusal(await ann.supabase.storage.from(bucket).upload("a", AUDIO)), [403, POLICY]);
  for (const [method, rest] of [["GET", "bucket/%ff"], ["POST", "object/list/%ff"]] as const) {
    const answer = await fetch(`${stack.API_URL}/storage/v1/${rest}`, {
      method,
      headers: { authorization: `Bearer ${ann.accessToken}`, "content-type": "application/json" },
      ...method === "POST" && { body: "{}" },
    });
    equal(answer.status, 400, rest);
    match((await answer.json()).message, /^Invalid key/, rest);
  }

  const { data } = await voice.createSignedUploadUrl(path);
  const signed = await voice.uploadToSignedUrl(path, data!.token, AUDIO, WEBM);
  equal(signed.error, null);
  deepEqual(await bytesOf((await voice.download(path)).data), AUDIO);
  const elsewhere = await voice.uploadToSignedUrl(`${folder}/x.webm`, data!.token, AUDIO, WEBM);
  equal(elsewhere.error?.message, "The token does not belong to this URL");
});

Deno.test("a file name that URLs encode works with signed URLs and form uploads", async () => {
  await using database = openDatabase();
  await database.sql`
    insert into storage.buckets (id, name, public) values ('a & b', 'a & b', false)
    on conflict do nothing`;
  const bucket = createClient(stack.API_URL, stack.SECRET_KEY).storage.from("a & b");
  const name = `${crypto.randomUUID()}/it's 100+1 & more = yes.txt`;
  const { signedUrl } = (await bucket.createSignedUploadUrl(name)).data!;
  const put = (cacheControl: string) => {
    const form = new FormData();
    form.set("cacheControl", cacheControl);
    form.set("file", new File([AUDIO], "a.txt", { type: "text/plain" }));
    return fetch(signedUrl, { method: "PUT", body: form });
  };
  for (const cacheControl of ["60\r\nset-cookie: a=b", "60\0", "60 \u2192"]) {
    const answer = await put(cacheControl);
    deepEqual([answer.status, (await answer.json()).error], [400, "InvalidRequest"], cacheControl);
  }
  const stored = await put("60");
  deepEqual([stored.status, (await stored.json()).Key], [200, `a & b/${name}`]);
  const links = [
    (await bucket.createSignedUrl(name, 60)).data?.signedUrl,
    (await bucket.createSignedUrls([name], 60)).data?.[0]?.signedUrl,
  ];
  for (const link of links) {
    const read = await fetch(link!);
    deepEqual([read.status, read.headers.get("cache-control")], [200, "max-age=60"], link!);
    deepEqual(new Uint8Array(await read.arrayBuffer()), AUDIO);
  }
});

Deno.test("a recording's file is deleted with its session", async () => {
  const ann = await signUp("ann");
  const folder = await folderOf(ann);
  const path = `${folder}/${crypto.randomUUID()}.webm`;
  equal((await voiceOf(ann).upload(path, AUDIO, WEBM)).error, null);
  const session = folder.split("/")[1]!;
  const { error } = await ann.supabase.from("chat_messages").insert({
    session_id: session,
    role: "user",
    content: "what was said",
    audio_url: path,
    audio_duration_ms: 2500,
  });
  equal(error, null);
  await using database = openDatabase();
  const objects = () => database.sql`select id from storage.objects where name = ${path}`;
  equal((await objects()).length, 1);
  await ann.supabase.from("chat_sessions").delete().eq("id", session);
  // The job would do this within a minute.
  const removal = await fetch(`${stack.FUNCTIONS_URL}/audio/recordings/remove`, {
    method: "POST",
    headers: { apikey: stack.SECRET_KEY, "content-type": "application/json" },
    body: "{}",
  });
  equal(removal.status, 200);
  await eventually(objects, (rows) => rows.length === 0);
  const refused = await fetch(`${stack.FUNCTIONS_URL}/audio/recordings/remove`, {
    method: "POST",
    headers: { authorization: `Bearer ${ann.accessToken}` },
  });
  equal(refused.status, 401);
  await refused.body?.cancel();
});
