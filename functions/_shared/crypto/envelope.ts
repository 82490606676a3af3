import { BLOB_VERSION, formatBlob, IV_BYTES, parseBlob, TAG_BYTES } from "./blob.ts";
import { parseKeyMaterial } from "./keyring.ts";
import { ApiError } from "../core/errors.ts";

/** Where an encrypted value belongs. It cannot be decrypted for another row, owner or purpose. */
export interface Binding {
  /** The table, without its schema. */
  table: string;
  /** The row's primary key. */
  row: string;
  /** Whose value it is. */
  owner: string;
  /** Its purpose: a vendor, a provider, or the name of a setting. */
  scope: string;
}

/** Encrypts with the active key, and decrypts with any key that it holds. */
export interface Keyring {
  /** The key that encrypts. */
  readonly activeId: string;
  /**
   * Encrypts text under its binding: `v1:<key id>:<iv>:<ciphertext and tag>`, different each time.
   *
   * @throws {RangeError} for text that cannot be restored exactly: empty, or with half of a
   * surrogate pair.
   */
  encrypt(plaintext: string, binding: Binding): Promise<string>;
  /**
   * Decrypts a value that was encrypted under this binding.
   *
   * @throws {UndecryptableError} For any reason.
   */
  decrypt(blob: string, binding: Binding): Promise<string>;
  /**
   * A keyed hash, equal for equal texts under one label, which reveals nothing without the key.
   *
   * @param label What the text is, and the set within which it is compared.
   */
  fingerprint(plaintext: string, label: string): Promise<string>;
  /**
   * The same hash under every key, the active one first, to find values stored before a rotation.
   */
  fingerprints(plaintext: string, label: string): Promise<string[]>;
}

/**
 * A stored secret that cannot be decrypted. All reasons share one code and message; the log has the
 * reason.
 */
export class UndecryptableError extends ApiError {
  /**
   * Whether its key is not on the ring. Then the secret is intact, and can be decrypted once the
   * key is restored.
   */
  readonly keyIsMissing: boolean;

  constructor(reason: string, keyIsMissing = false) {
    super(
      "undecryptable",
      "Cannot decrypt the stored secret. Store it again.",
      { cause: new Error(`undecryptable: ${reason}`) },
    );
    this.keyIsMissing = keyIsMissing;
  }
}

/**
 * The keyring of a function that also works without one.
 *
 * @param failed What cannot be done: "Cannot create the secret".
 * @throws {ApiError} 503 `keys_not_configured` where the operator has set no keys.
 */
export function requireKeyring<Of>(keyring: Of | null, failed: string): Of {
  if (keyring !== null) return keyring;
  throw new ApiError(
    "keys_not_configured",
    `${failed}: this server has no encryption keys. The operator must set the function secret KEY_ENCRYPTION_KEYS.`,
  );
}

interface Subkeys {
  encryption: CryptoKey;
  fingerprint: CryptoKey;
}

const encoder = new TextEncoder();
/** A byte order mark is part of the text. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes a keyring from the value of KEY_ENCRYPTION_KEYS. The imported keys are not extractable, not
 * even by this process.
 *
 * @throws {ApiError} 500 `function_misconfigured` for keys that are missing, malformed or weak.
 */
export function createKeyring(text: string | undefined): Keyring {
  const { activeId, keys } = parseKeyMaterial(text);
  const subkeys = new Map([...keys].map(([id, bytes]) => [id, deriveSubkeys(bytes)] as const));
  const ids = [...subkeys.keys()];

  async function fingerprintUnder(id: string, plaintext: string, label: string): Promise<string> {
    // SAFETY: the id is one of the map's.
    const { fingerprint } = await subkeys.get(id)!;
    const mac = await crypto.subtle.sign("HMAC", fingerprint, lengthPrefixed([label, plaintext]));
    return new Uint8Array(mac).toHex();
  }

  return {
    activeId,

    async encrypt(plaintext, binding) {
      if (plaintext === "" || !plaintext.isWellFormed()) throw new RangeError("not encryptable");
      // SAFETY: the active key is one of the keys.
      const { encryption } = await subkeys.get(activeId)!;
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const algorithm = parameters(activeId, iv, binding);
      const data = await crypto.subtle.encrypt(algorithm, encryption, encoder.encode(plaintext));
      return formatBlob({ keyId: activeId, iv, data: new Uint8Array(data) });
    },

    async decrypt(text, binding) {
      const blob = parseBlob(text);
      if (!blob) throw new UndecryptableError("not a blob");
      const keys = await subkeys.get(blob.keyId);
      if (!keys) throw new UndecryptableError(`no key "${blob.keyId}"`, true);
      const algorithm = parameters(blob.keyId, blob.iv, binding);
      try {
        return decoder.decode(await crypto.subtle.decrypt(algorithm, keys.encryption, blob.data));
      } catch {
        throw new UndecryptableError(`not made by key "${blob.keyId}" under this binding`);
      }
    },

    fingerprint: (plaintext, label) => fingerprintUnder(activeId, plaintext, label),

    fingerprints: (plaintext, label) =>
      Promise.all(ids.map((id) => fingerprintUnder(id, plaintext, label))),
  };
}

/** One derived key for each purpose, so that a key is never used for two purposes. */
async function deriveSubkeys(bytes: Uint8Array<ArrayBuffer>): Promise<Subkeys> {
  const master = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const hkdf = (purpose: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: encoder.encode(`agentbase/${BLOB_VERSION}/${purpose}`),
  });
  const aes = { name: "AES-GCM", length: 256 };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  const [encryption, fingerprint] = await Promise.all([
    crypto.subtle.deriveKey(hkdf("encryption"), master, aes, false, ["encrypt", "decrypt"]),
    crypto.subtle.deriveKey(hkdf("fingerprint"), master, hmac, false, ["sign"]),
  ]);
  return { encryption, fingerprint };
}

/** The tag length is fixed, never taken from the blob: WebCrypto would also accept 32 bits. */
function parameters(keyId: string, iv: Uint8Array<ArrayBuffer>, binding: Binding): AesGcmParams {
  const { table, row, owner, scope } = binding;
  const additionalData = lengthPrefixed([BLOB_VERSION, keyId, table, row, owner, scope]);
  return { name: "AES-GCM", iv, additionalData, tagLength: TAG_BYTES * 8 };
}

/**
 * Each text is prefixed with its length in 4 bytes, so that different lists never have the same
 * bytes.
 */
function lengthPrefixed(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  // A UTF-16 code unit becomes at most three bytes.
  const bytes = new Uint8Array(texts.reduce((most, text) => most + 4 + 3 * text.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const text of texts) {
    const { written } = encoder.encodeInto(text, bytes.subarray(offset + 4));
    view.setUint32(offset, written);
    offset += 4 + written;
  }
  return bytes.subarray(0, offset);
}
