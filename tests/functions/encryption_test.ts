import {
  deepEqual,
  doesNotMatch,
  equal,
  match,
  notEqual,
  rejects,
  throws,
} from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  type Binding,
  createKeyring,
  requireKeyring,
  UndecryptableError,
} from "../../functions/_shared/crypto/envelope.ts";
import type { ApiError } from "../../functions/_shared/core/errors.ts";
import { openaiErrors } from "../../functions/_shared/http/openai_errors.ts";
import { nodeDecrypt, nodeEncrypt, nodeFingerprint } from "./support/node_encryption.ts";

/** 32 bytes that anyone can compute, so that no real key appears in this file. */
const bytesFrom = (start: number) => Uint8Array.from({ length: 32 }, (_, at) => (start + at) % 256);
const K1 = bytesFrom(0xf0);
const K2 = bytesFrom(0xa0);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

const variable = (active: string, keys: Record<string, Uint8Array>) =>
  JSON.stringify({
    active,
    keys: Object.fromEntries(Object.entries(keys).map(([id, bytes]) => [id, base64(bytes)])),
  });
const keyring = createKeyring(variable("k1", { k1: K1 }));

const PLACE: Binding = {
  table: "user_api_keys",
  row: "40000000-0000-4000-8000-000000000001",
  owner: "00000000-0000-4000-8000-00000000000a",
  scope: "openai",
};
const SECRET = "sk-proj-é\u{1F511}-4711";

const undecryptable = { status: 500, code: "undecryptable" };
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

Deno.test("the primitive is AES-256-GCM as NIST specifies it", async () => {
  // Test case 16 of the specification of GCM.
  const key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const iv = hex("cafebabefacedbaddecaf888");
  const additionalData = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const plaintext = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  );
  const expected = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" +
    "76fc6ece0f4e1768cddf8853bb2d551b";

  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv, additionalData, tagLength: 128 };
  const sealed = await crypto.subtle.encrypt(algorithm, imported, plaintext);
  equal(Buffer.from(sealed).toString("hex"), expected);

  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(additionalData);
  const other = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  equal(other.toString("hex"), expected);
});

Deno.test("subkeys are derived by HKDF as RFC 5869 specifies it", async () => {
  // Test case 3: no salt, no info.
  const master = await crypto.subtle.importKey(
    "raw",
    hex("0b".repeat(22)),
    "HKDF",
    false,
    ["deriveBits"],
  );
  const nothing = new Uint8Array();
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: nothing, info: nothing };
  const derived = await crypto.subtle.deriveBits(algorithm, master, 256);
  equal(
    Buffer.from(derived).toString("hex"),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
  );
});

Deno.test("a ciphertext of an earlier version still decrypts", async () => {
  const blob = "v1:k1:AAECAwQFBgcICQoL:kZ92U3wid-1qPkwRyEwwvlD1_wlvr8m-ZE5pYDod2KKlyec";
  equal(nodeEncrypt(K1, "k1", hex("000102030405060708090a0b"), SECRET, PLACE), blob);
  equal(await keyring.decrypt(blob, PLACE), SECRET);
  equal(
    await keyring.fingerprint(SECRET, "user_api_keys"),
    "96ec56f2fc47ddc6cf0c8720ba0d963ee2620bdf65cf732a944518eb0358ab48",
  );
});

const anyText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
const anyPlace = fc.record({ table: anyText, row: anyText, owner: anyText, scope: anyText });

Deno.test("what is encrypted is what is decrypted, here and by OpenSSL, both ways", async () => {
  const iv = () => crypto.getRandomValues(new Uint8Array(12));
  await fc.assert(
    fc.asyncProperty(anyText, anyPlace, async (text, place) => {
      const ours = await keyring.encrypt(text, place);
      equal(await keyring.decrypt(ours, place), text);
      equal(nodeDecrypt(K1, ours, place), text);
      equal(await keyring.decrypt(nodeEncrypt(K1, "k1", iv(), text, place), place), text);
      equal(await keyring.fingerprint(text, place.scope), nodeFingerprint(K1, text, place.scope));
    }),
    { numRuns: 300 },
  );
});

for (const text of ["\u{FEFF}sk-1", " ", "a\u0000b", "x".repeat(1_000_000)]) {
  Deno.test(`a text of ${text.length} characters comes back whole: ${JSON.stringify(text.slice(0, 8))}`, async () => {
    equal(await keyring.decrypt(await keyring.encrypt(text, PLACE), PLACE), text);
  });
}

for (const text of ["", "\u{D800}", "sk-\u{DFFF}"]) {
  Deno.test(`${JSON.stringify(text)} could not come back, and is not encrypted`, async () => {
    await rejects(keyring.encrypt(text, PLACE), RangeError);
  });
}

Deno.test("a hundred thousand encryptions of one text have as many ivs", async () => {
  const ivs = new Set<string>();
  for (let done = 0; done < 100_000; done += 1000) {
    const blobs = await Promise.all(
      Array.from({ length: 1000 }, () => keyring.encrypt("sk-1", PLACE)),
    );
    for (const blob of blobs) ivs.add(blob.split(":")[2]!);
  }
  equal(ivs.size, 100_000);
});

Deno.test("a ciphertext with any flipped bit does not decrypt, with one error for all cases", async () => {
  const blob = await keyring.encrypt(SECRET, PLACE);
  for (let at = 0; at < blob.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = String.fromCharCode(blob.charCodeAt(at) ^ (1 << bit));
      const changed = blob.slice(0, at) + flipped + blob.slice(at + 1);
      await rejects(keyring.decrypt(changed, PLACE), undecryptable, `bit ${bit} of ${at}`);
    }
  }
});

Deno.test("a well-formed ciphertext with any flipped bit of iv, data or tag does not decrypt", async () => {
  const [version, keyId, iv, data] = (await keyring.encrypt(SECRET, PLACE)).split(":");
  const parts = [Buffer.from(iv!, "base64url"), Buffer.from(data!, "base64url")];
  for (const part of parts) {
    for (let bit = 0; bit < part.length * 8; bit++) {
      part[bit >> 3]! ^= 1 << (bit & 7);
      const changed = [version, keyId, ...parts.map((part) => part.toString("base64url"))].join(
        ":",
      );
      await rejects(keyring.decrypt(changed, PLACE), undecryptable);
      part[bit >> 3]! ^= 1 << (bit & 7);
    }
  }
});

Deno.test("a ciphertext that is cut anywhere, or followed by anything, does not decrypt", async () => {
  const blob = await keyring.encrypt(SECRET, PLACE);
  for (let length = 0; length < blob.length; length++) {
    await rejects(keyring.decrypt(blob.slice(0, length), PLACE), undecryptable);
    await rejects(keyring.decrypt(blob.slice(length + 1), PLACE), undecryptable);
  }
  for (const more of ["A", "=", "==", ":", ":A", " ", "\n", "\u0000"]) {
    await rejects(keyring.decrypt(blob + more, PLACE), undecryptable);
    await rejects(keyring.decrypt(more + blob, PLACE), undecryptable);
  }
});

Deno.test("another base64 text of the same bytes does not decrypt", async () => {
  const text = "four";
  const blob = await keyring.encrypt(text, PLACE);
  // 20 bytes in base64 end in a character with two unused bits.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(blob.at(-1)!);
  const twins = [1, 2, 3].map((bits) => blob.slice(0, -1) + alphabet[last ^ bits]);
  for (const twin of twins) {
    deepEqual(
      Buffer.from(twin.split(":")[3]!, "base64url"),
      Buffer.from(blob.split(":")[3]!, "base64url"),
    );
    await rejects(keyring.decrypt(twin, PLACE), undecryptable);
  }
  equal(await keyring.decrypt(blob, PLACE), text);
});

Deno.test("a ciphertext decrypts with its own binding only", async () => {
  const blob = await keyring.encrypt(SECRET, PLACE);
  for (const field of ["table", "row", "owner", "scope"] as const) {
    for (
      const other of [PLACE[field] + "x", "", PLACE[field].slice(1), PLACE[field].toUpperCase()]
    ) {
      if (other === PLACE[field]) continue;
      await rejects(keyring.decrypt(blob, { ...PLACE, [field]: other }), undecryptable);
    }
  }
  // Moving a character from one field to the next results in another place.
  const moved = { ...PLACE, owner: PLACE.owner + PLACE.scope[0], scope: PLACE.scope.slice(1) };
  await rejects(keyring.decrypt(blob, moved), undecryptable);
  const swapped = { ...PLACE, row: PLACE.owner, owner: PLACE.row };
  await rejects(keyring.decrypt(blob, swapped), undecryptable);
});

Deno.test("a ciphertext does not decrypt with any other binding", async () => {
  await fc.assert(
    fc.asyncProperty(anyPlace, anyPlace, async (place, other) => {
      fc.pre(JSON.stringify(place) !== JSON.stringify(other));
      await rejects(keyring.decrypt(await keyring.encrypt("x", place), other), undecryptable);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a ciphertext names its key, and no other key decrypts it", async () => {
  const both = createKeyring(variable("k2", { k1: K1, k2: K2 }));
  const old = await keyring.encrypt(SECRET, PLACE);
  const renamed = old.replace("v1:k1:", "v1:k2:");
  equal(await both.decrypt(old, PLACE), SECRET);
  await rejects(both.decrypt(renamed, PLACE), undecryptable);
  // The same key under another id cannot decrypt it either: the id is authenticated.
  const relabelled = createKeyring(variable("k2", { k2: K1 }));
  await rejects(relabelled.decrypt(renamed, PLACE), undecryptable);
});

Deno.test("a key that was removed from the keyring decrypts nothing", async () => {
  const old = await keyring.encrypt(SECRET, PLACE);
  const both = createKeyring(variable("k2", { k1: K1, k2: K2 }));
  match(await both.encrypt(SECRET, PLACE), /^v1:k2:/);
  const after = createKeyring(variable("k2", { k2: K2 }));
  await rejects(after.decrypt(old, PLACE), undecryptable);
});

Deno.test("a decryption error shows the caller neither the reason nor the secret", async () => {
  const blob = await keyring.encrypt(SECRET, PLACE);
  const causes = ["", blob.replace("v1:k1", "v1:k9"), blob.slice(0, -1) + "!", blob.toLowerCase()];
  const errors: ApiError[] = [];
  for (const changed of causes) {
    await keyring.decrypt(changed, PLACE).catch((error) => errors.push(error));
  }
  equal(errors.length, causes.length);
  equal(new Set(errors.map((error) => JSON.stringify(openaiErrors.write(error, null)))).size, 1);
  for (const { cause } of errors) {
    match(String(cause), /undecryptable: (not a blob|no key "k9"|not made by key)/);
    doesNotMatch(String(cause), /4711/);
  }
  // Corrupt values are distinguished from values whose key is missing.
  deepEqual(errors.map((error) => error instanceof UndecryptableError && error.keyIsMissing), [
    false,
    true,
    false,
    false,
  ]);
});

Deno.test("fingerprints differ by label, by text and by key, and their parts cannot be shifted", async () => {
  const both = createKeyring(variable("k2", { k1: K1, k2: K2 }));
  const seen = await Promise.all([
    keyring.fingerprint("sk-1", "keys"),
    keyring.fingerprint("sk-2", "keys"),
    keyring.fingerprint("sk-1", "tokens"),
    keyring.fingerprint("ssk-1", "key"),
    both.fingerprint("sk-1", "keys"),
  ]);
  equal(new Set(seen).size, seen.length);
  for (const fingerprint of seen) match(fingerprint, /^[0-9a-f]{64}$/);
  deepEqual(await both.fingerprints("sk-1", "keys"), [seen[4], seen[0]]);
});

Deno.test("two subkeys are derived from a key, one for each purpose", async () => {
  notEqual(
    Buffer.from(await keyring.fingerprint(SECRET, "x"), "hex").toString("base64url"),
    (await keyring.encrypt(SECRET, PLACE)).split(":")[3],
  );
  notEqual(nodeFingerprint(K1, SECRET, "x"), nodeFingerprint(K2, SECRET, "x"));
});

/** Values that are refused at the start, and the error for each. */
const UNUSABLE: [string | undefined, RegExp][] = [
  [undefined, /it is not set/],
  ["", /it is not set/],
  ["k1", /does not read/],
  ["[]", /does not read/],
  ["{}", /does not read/],
  ['{"active":"k1","keys":[]}', /does not read/],
  ['{"active":"k1"}', /does not read/],
  ['{"active":1,"keys":{}}', /does not read/],
  ['{"active":"k1","keys":{},"old":{}}', /does not read/],
  ['{"active":"k1","keys":{"k1":4711}}', /does not read/],
  ['{"active":"k1","keys":{}}', /the active key "k1" is not among its keys/],
  ['{"active":"toString","keys":{}}', /the active key "toString" is not among/],
  [variable("k2", { k1: K1 }), /the active key "k2" is not among its keys/],
  [variable("k:1", { "k:1": K1 }), /does not read/],
  [variable("k".repeat(33), { ["k".repeat(33)]: K1 }), /does not read/],
  [variable("", { "": K1 }), /does not read/],
  [variable("k1", { k1: K1.slice(1) }), /"k1" is not 32 bytes in base64/],
  [variable("k1", { k1: K1.slice(16) }), /"k1" is not 32 bytes in base64/],
  [variable("k1", { k1: new Uint8Array([...K1, 1]) }), /"k1" is not 32 bytes in base64/],
  [variable("k1", { k1: new Uint8Array() }), /"k1" is not 32 bytes in base64/],
  [variable("k1", { k1: K1, k2: K2.slice(1) }), /"k2" is not 32 bytes in base64/],
  [JSON.stringify({ active: "k1", keys: { k1: "!".repeat(44) } }), /"k1" is not 32 bytes/],
  [JSON.stringify({ active: "k1", keys: { k1: ` ${base64(K1)}` } }), /"k1" is not 32 bytes/],
  [
    JSON.stringify({ active: "k1", keys: { k1: base64(K1).replace("=", "") } }),
    /"k1" is not 32 bytes/,
  ],
  [variable("k1", { k1: new Uint8Array(32) }), /"k1" is not random/],
  [variable("k1", { k1: new Uint8Array(32).map((_, at) => at % 8 + 128) }), /"k1" is not random/],
  [
    variable("k1", {
      k1: new TextEncoder().encode("correct horse battery staple 4711").slice(0, 32),
    }),
    /"k1" is not random/,
  ],
  [variable("k2", { k1: K1, k2: K1 }), /"k1" has the same value as another key/],
];

for (const [text, reason] of UNUSABLE) {
  Deno.test(`a keyring is not parsed from ${JSON.stringify(text)?.slice(0, 70)}`, () => {
    throws(() => createKeyring(text), (error: unknown) => {
      const { status, code, message, cause } = error as ApiError;
      deepEqual([status, code, cause], [500, "function_misconfigured", undefined]);
      match(message, /KEY_ENCRYPTION_KEYS/);
      match(message, reason);
      doesNotMatch(message, /4711/);
      for (const secret of [K1, K2]) equal(message.includes(base64(secret).slice(0, 8)), false);
      return true;
    });
  });
}

Deno.test("the active key encrypts, wherever it is listed", async () => {
  const last = createKeyring(variable("k2", { k1: K1, k2: K2 }));
  const first = createKeyring(variable("k1", { k1: K1, k2: K2 }));
  deepEqual([last.activeId, first.activeId], ["k2", "k1"]);
  match(await last.encrypt("x", PLACE), /^v1:k2:/);
  match(await first.encrypt("x", PLACE), /^v1:k1:/);
});

Deno.test("a function without encryption keys says what it cannot do, and what the operator must set", () => {
  const keyring = createKeyring(variable("k1", { k1: K1 }));
  equal(requireKeyring(keyring, "Cannot create the secret"), keyring);
  throws(() => requireKeyring(null, "Cannot create the secret"), (error: ApiError) => {
    deepEqual([error.status, error.code], [503, "keys_not_configured"]);
    match(
      error.message,
      /^Cannot create the secret: .* set the function secret KEY_ENCRYPTION_KEYS/,
    );
    return true;
  });
});
