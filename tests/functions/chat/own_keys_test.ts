import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { bindingOfKey, type StoredKey } from "../../../functions/_shared/crypto/stored_key.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { someKeyring } from "../support/keyring.ts";
import { route } from "../support/memory_database.ts";
import {
  type Answer,
  chunk,
  completion,
  data,
  type Received,
  stream,
} from "../support/upstream_server.ts";

const OWNER = "00000000-0000-4000-8000-00000000000a";
const limits = { attempts: 3, backoffMs: 2 };
const keyring = someKeyring();

/** A key as the database keeps it. */
async function stored(id: string, secret: string): Promise<StoredKey> {
  const key = { id, user_id: OWNER, vendor_id: "openrouter" };
  return { ...key, encrypted_key: await keyring.encrypt(secret, bindingOfKey(key)) };
}

/** A chat whose one route is called with these keys. */
function startWith(keys: StoredKey[], answer: Answer) {
  const chat = startChat(answer, { limits });
  const begin = chat.database.beginTurn;
  chat.database.beginTurn = async (userId, request) => {
    const turn = await begin(userId, request);
    if ("routes" in turn) turn.routes = [{ ...turn.routes[0]!, credential: "own", keys }];
    return turn;
  };
  chat.deps.decryptKey = (key) => keyring.decrypt(key.encrypted_key, bindingOfKey(key));
  return chat;
}

const keyOf = ({ headers }: Received) => headers.get("authorization")?.replace("Bearer ", "");
/** Accepts one key and refuses the others as given. */
const only = (good: string, refuse: () => Response): Answer => (received) =>
  keyOf(received) === good ? completion("hi") : refuse();
const refusal = (status: number, message: string, code?: string) => () =>
  Response.json({ error: { message, code } }, { status });

const error = (status: number, about: object, inList = false) =>
  Response.json(inList ? [{ error: about }] : { error: about }, { status });
const googleRefusal = (message: string) => ({
  message,
  code: 400,
  status: "INVALID_ARGUMENT",
  details: [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
    { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", message },
  ],
});
const xai =
  "Incorrect API key provided: sk***ne. You can obtain an API key from https://console.x.ai.";

Deno.test("a call uses the first key, decrypted, and the ledger says which", async () => {
  const keys = [await stored("one", "sk-one"), await stored("two", "sk-two")];
  await using chat = startWith(keys, () => completion("hi"));
  equal((await chat.post(HELLO)).status, 200);
  deepEqual(chat.upstream.received.map(keyOf), ["sk-one"]);
  const outcome = await chat.database.settled();
  deepEqual(outcome.attempts.map(({ api_key_id }) => api_key_id), ["one"]);
  const { encrypted_key } = keys[0]!;
  deepEqual(outcome.keys, [{ id: "one", encrypted_key, event: "worked", problem: null }]);
});

Deno.test("a call with the platform's credential is recorded without a user's key", async () => {
  await using chat = startChat(() => completion("hi"));
  await (await chat.post(HELLO)).body?.cancel();
  const outcome = await chat.database.settled();
  deepEqual(outcome.attempts.map(({ api_key_id }) => api_key_id), [null]);
  equal("keys" in outcome, false);
});

for (
  const [what, refuse, event] of [
    ["401", refusal(401, "Incorrect API key provided: sk-one"), "rejected"],
    ["403 that names the key", refusal(403, "Invalid API key"), "rejected"],
    ["403 by code", refusal(403, "No.", "invalid_api_key"), "rejected"],
    ["403 by type", () => error(403, { message: "No.", type: "authentication_error" }), "rejected"],
    ["Google's 400", () => error(400, googleRefusal("Api key!")), "rejected"],
    [
      "Google's 400 in a list",
      () => error(400, { message: "Please pass a valid API key" }, true),
      "rejected",
    ],
    [
      "Google's 400 in words",
      refusal(400, "API key not valid. Please pass a valid API key."),
      "rejected",
    ],
    [
      "Google's 403",
      refusal(403, "Your API key was reported as leaked. Please use another API key."),
      "rejected",
    ],
    [
      "xAI's 400",
      () => Response.json({ code: "An invalid argument", error: xai }, { status: 400 }),
      "rejected",
    ],
    [
      "403 for a permission",
      refusal(403, "Your API key does not have permission to use it."),
      "failed",
    ],
    ["403 for a model", refusal(403, "This model is not offered in your country."), "failed"],
    ["402", refusal(402, "Insufficient credits"), "out_of_credit"],
  ] as const
) {
  Deno.test(`a key that its vendor answers with ${what} is ${event}, and the next one is tried`, async () => {
    const keys = [await stored("one", "sk-one"), await stored("two", "sk-two")];
    await using chat = startWith(keys, only("sk-two", refuse));
    equal((await chat.post(HELLO)).status, 200);
    deepEqual(chat.upstream.received.map(keyOf), ["sk-one", "sk-two"]);
    const outcome = await chat.database.settled();
    deepEqual(outcome.keys?.map(({ id, event }) => [id, event]), [["one", event], [
      "two",
      "worked",
    ]]);
    match(outcome.keys?.[0]?.problem ?? "", /^(The|Its account at the) vendor /);
    // Neither the key nor the vendor's message about it is stored, and the failure does not count
    // against the agent.
    deepEqual(outcome.attempts.map((one) => one.counts_against_agent), [false, false]);
    doesNotMatch(JSON.stringify([outcome, chat.lines]), /sk-one|sk-two|Incorrect|API key/);
  });
}

/** Messages of vendors about an invalid key. A caller may send the same text. */
const refusals = [
  "API_KEY_INVALID",
  "invalid_api_key",
  "Invalid API key",
  "API key not valid. Please pass a valid API key.",
  "Please pass a valid API key",
  "Your API key was reported as leaked. Please use another API key.",
  xai,
];

Deno.test("a caller's text that a vendor quotes switches no key off", async () => {
  const keys = [await stored("one", "sk-one")];
  for (const said of refusals) {
    for (
      const sentence of [
        `Invalid value: '${said}'. Supported values are: 'auto' and 'default'.`,
        `${said}: Extra inputs are not permitted`,
        `Unknown parameter: ${said}`,
        `Not one of the allowed values.\n${said}\n`,
      ]
    ) {
      for (const [status, event] of [[400, "used"], [403, "failed"], [422, "used"]] as const) {
        await using chat = startWith(keys, refusal(status, sentence));
        await (await chat.post({ ...HELLO, service_tier: said })).body?.cancel();
        const outcome = await chat.database.settled();
        deepEqual(outcome.keys?.map(({ event }) => event), [event], `${status}: ${sentence}`);
      }
    }
  }
});

Deno.test("a stream begins with the next key if the first is refused", async () => {
  const keys = [await stored("one", "sk-one"), await stored("two", "sk-two")];
  const fine = () => stream(chunk({ content: "hi" }, { finish_reason: "stop" }), data("[DONE]"));
  await using chat = startWith(
    keys,
    (received) => keyOf(received) === "sk-two" ? fine() : refusal(401, "No")(),
  );
  const text = await (await chat.post({ ...HELLO, stream: true })).text();
  ok(text.endsWith("data: [DONE]\n\n"));
  const { keys: reports } = await chat.database.settled();
  deepEqual(reports?.map(({ event }) => event), ["rejected", "worked"]);
});

Deno.test("a key that cannot be decrypted is switched off, and the next one is tried", async () => {
  const [one, two] = [await stored("one", "sk-one"), await stored("two", "sk-two")];
  const swapped = { ...one, encrypted_key: two.encrypted_key };
  const foreign = {
    ...one,
    id: "foreign",
    encrypted_key: one.encrypted_key.replace(":k1:", ":k9:"),
  };
  await using chat = startWith([swapped, foreign, two], () => completion("hi"));
  equal((await chat.post(HELLO)).status, 200);
  deepEqual(chat.upstream.received.map(keyOf), ["sk-two"]);
  const outcome = await chat.database.settled();
  // A value whose key is missing from the keyring is not corrupt.
  deepEqual(outcome.keys?.map(({ id, event }) => [id, event]), [
    ["one", "undecryptable"],
    ["foreign", "failed"],
    ["two", "worked"],
  ]);
  equal(outcome.attempts.length, 1);
});

Deno.test("if no key can be decrypted, the caller is told so, and no vendor is called", async () => {
  const one = await stored("one", "sk-one");
  await using chat = startWith([{ ...one, user_id: "another user" }], () => completion("hi"));
  const response = await chat.post(HELLO);
  deepEqual([response.status, (await response.json()).error.code], [500, "undecryptable"]);
  equal(chat.upstream.received.length, 0);
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.keys?.[0]?.event], ["failed", "undecryptable"]);
});

Deno.test("if every key is refused, the caller is told so without the vendor's message", async () => {
  const keys = [await stored("one", "sk-one"), await stored("two", "sk-two")];
  await using chat = startWith(keys, refusal(401, "Incorrect API key provided: c2stb25l"));
  const response = await chat.post(HELLO);
  const { error } = await response.json();
  deepEqual([response.status, error.code], [400, "vendor_key_rejected"]);
  const outcome = await chat.database.settled();
  deepEqual(outcome.keys?.map(({ event }) => event), ["rejected", "rejected"]);
  doesNotMatch(JSON.stringify([outcome, error, chat.lines]), /c2stb25l|sk-one/);
});

const SECRET = "sk-proj-Zq7/xW+2mRt9Lk4vBn8Hs3Yd6Fc1Gj5P";
const text = new TextEncoder();
const hex = text.encode(SECRET).toHex();
const codes = [...text.encode(SECRET)];
const quotes: Record<string, string> = {
  "as it is": SECRET,
  "its first 20 characters": SECRET.slice(0, 20),
  "its last 12 characters": SECRET.slice(-12),
  "its middle": SECRET.slice(14, 24),
  "it in capitals": SECRET.toUpperCase(),
  "it in groups": SECRET.match(/.{1,4}/g)!.join(" "),
  "it on two lines": `${SECRET.slice(0, 15)}\r\n${SECRET.slice(15)}`,
  "it in base64": text.encode(SECRET).toBase64(),
  "half of its base64": text.encode(SECRET).toBase64().slice(0, 20),
  "it in base64 for URLs": text.encode(SECRET).toBase64({ alphabet: "base64url" }),
  "a header in base64": text.encode(`Bearer ${SECRET}`).toBase64(),
  "a name and it in base64": text.encode(`me:${SECRET}`).toBase64(),
  "it in hexadecimal": hex,
  "it in hexadecimal, in pairs": hex.toUpperCase().match(/../g)!.join(":"),
  "it in a URL": encodeURIComponent(SECRET),
  "every character of it in a URL": hex.replaceAll(/../g, "%$&"),
  "it in a URL of a URL": hex.replaceAll(/../g, "%25$&"),
  "it with escapes of JSON": hex.replaceAll(/../g, "\\u00$&"),
  "it with escapes of JavaScript": hex.replaceAll(/../g, "\\u{$&}"),
  "it with escaped bytes": hex.replaceAll(/../g, "\\x$&"),
  "it with entities of HTML": hex.replaceAll(/../g, "&#x$&;"),
  "it with decimal entities, escaped": codes.map((code) => `&amp;#${code};`).join(""),
  "it with entities for its punctuation": SECRET.replaceAll("-", "&hyphen;").slice(0, 28),
  "it quoted-printable": hex.toUpperCase().replaceAll(/../g, "=$&"),
  "it in octal": codes.map((code) => `\\${code.toString(8).padStart(3, "0")}`).join(""),
  "its codes": codes.join(", "),
  "it reversed": [...SECRET].reverse().join(""),
  "it letter by letter": [...SECRET].map((letter) => `"${letter}"`).join(", "),
  "it in wide letters": SECRET.replaceAll(
    /[!-~]/g,
    (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0),
  ),
};

Deno.test("a key that a vendor quotes, in whatever form, reaches no one", async () => {
  const keys = [await stored("one", SECRET)];
  for (const [what, quote] of Object.entries(quotes)) {
    await using chat = startWith(keys, refusal(400, `The key <${quote}> may not do this.`));
    const response = await chat.post(HELLO);
    const answer = JSON.stringify(await response.json());
    equal(response.status, 400);
    match(answer, /rejects the request: its explanation quotes the key, and is left out\./, what);
    const outcome = JSON.stringify(await chat.database.settled());
    for (const place of [answer, outcome, JSON.stringify(chat.lines)]) {
      ok(!place.includes(quote.slice(-8)), `${what}: ${place}`);
    }
  }
});

/** Guesses of the next letter of a key, of which the letter 7 is the right one. */
const guesses: Record<string, (letter: string) => string> = {
  "a plain one": (letter) => `sk-proj-Zq${letter}`,
  "one in capitals": (letter) => `SK-PROJ-ZQ${letter}`,
  "one with a line break": (letter) => `sk-p\nroj-Zq${letter}`,
  "one with an escape": (letter) => `sk-p\u0007roj-Zq${letter}`,
  "one in hexadecimal": (letter) => text.encode(`sk-proj-Zq${letter}`).toHex(),
  "one in base64": (letter) => btoa(`sk-proj-Zq${letter}/x`),
  "one whose escape is a letter": (letter) => `7/xW+2mR\t${letter === "7" ? "9" : "0"}`,
  "a long one": (letter) => `sk-p${"x".repeat(60)}roj-Zq${letter}`,
  "one with entities": (letter) =>
    `sk-proj-Zq${letter}`.replaceAll(/./g, (one) => `&#${one.charCodeAt(0)};`),
  "one with escapes of JSON": (letter) => `\\u0073k-proj-Zq${letter}`,
  "one reversed": (letter) => `${letter}qZ-jorp-ks`,
  "an address": (letter) => `https://example.com/sk-proj-Zq%${text.encode(letter).toHex()}`,
};
const echoes: Record<string, (said: string) => string> = {
  "as it is": (said) => said,
  "escaped": (said) => JSON.stringify(said),
  "decoded": (said) => decodeURIComponent(said),
  "shortened": (said) => `${said.slice(0, 4)}...${said.slice(-7)}`,
};

Deno.test("a caller that has guesses of a key quoted does not learn which are right", async () => {
  const keys = [await stored("one", SECRET)];
  for (const [what, guess] of Object.entries(guesses)) {
    for (const [how, echo] of Object.entries(echoes)) {
      for (const letter of ["7", "8"]) {
        const said = guess(letter);
        const message = `Never heard of <${echo(said)}>, sorry`;
        const inside = () => completion("", { error: { message, code: 400 } });
        for (const answer of [refusal(400, message), inside]) {
          await using chat = startWith(keys, answer);
          const response = await chat.post({ ...HELLO, service_tier: said });
          const { error } = await response.json();
          match(error.message, /Never heard of .*, sorry$/, `${what}, ${how}: ${letter}`);
        }
      }
    }
  }
});

Deno.test("a key that is quoted beside a right guess is left out", async () => {
  const sentence = `<${SECRET.slice(0, 11)}>: not with ${SECRET.slice(0, 20)}`;
  await using chat = startWith([await stored("one", SECRET)], refusal(400, sentence));
  const response = await chat.post({ ...HELLO, service_tier: SECRET.slice(0, 11) });
  match(
    (await response.json()).error.message,
    /its explanation quotes the key, and is left out\.$/,
  );
});

Deno.test("a message is not hidden for the common prefix of keys or their last four characters", async () => {
  const sentence = "A key that begins with sk-proj- and ends in Gj5P takes no such model";
  await using chat = startWith([await stored("one", SECRET)], refusal(400, sentence));
  const { error } = await (await chat.post(HELLO)).json();
  ok(error.message.endsWith(sentence), error.message);
});

Deno.test("a failure of the vendor says nothing about the key", async () => {
  await using chat = startWith([await stored("one", "sk-one")], refusal(500, "broken"));
  await (await chat.post(HELLO)).body?.cancel();
  const { keys, attempts } = await chat.database.settled();
  deepEqual([keys?.map(({ event }) => event), attempts.length], [["used"], 3]);
});

Deno.test("keys are tried until the attempts are used up", async () => {
  const keys = await Promise.all(["a", "b", "c", "d"].map((id) => stored(id, `sk-${id}`)));
  await using chat = startWith(keys, refusal(401, "No"));
  await (await chat.post(HELLO)).body?.cancel();
  deepEqual(chat.upstream.received.map(keyOf), ["sk-a", "sk-b", "sk-c"]);
});

Deno.test("a fallback without a key of its own is called with the platform's", async () => {
  const one = await stored("one", "sk-one");
  await using chat = startWith([one], only("vendor 5f1e0c7d9b", refusal(401, "No")));
  const begin = chat.database.beginTurn;
  chat.database.beginTurn = async (userId, request) => {
    const turn = await begin(userId, request);
    if ("routes" in turn) {
      const { base_url } = turn.routes[0]!;
      turn.routes.push(route({ base_url, agent_id: null }));
    }
    return turn;
  };
  equal((await chat.post(HELLO)).status, 200);
  const outcome = await chat.database.settled();
  deepEqual(outcome.attempts.map(({ api_key_id }) => api_key_id), ["one", null]);
});
