import type { Keyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey } from "../../../functions/_shared/crypto/stored_key.ts";
import { newSecret } from "./fixture.ts";

/** Microseconds that one value takes. */
export interface CryptoTimes {
  encryption: number;
  decryption: number;
}

const ROUNDS = 5_000;

/** Encrypts and decrypts one after the other, as a request does. */
export async function measure(keyring: Keyring): Promise<CryptoTimes> {
  const place = bindingOfKey({
    id: crypto.randomUUID(),
    user_id: crypto.randomUUID(),
    vendor_id: "x",
  });
  const secret = newSecret();
  let blob = await keyring.encrypt(secret, place);
  const time = async (work: () => Promise<unknown>) => {
    for (let round = 0; round < ROUNDS / 10; round++) await work();
    const startedAt = performance.now();
    for (let round = 0; round < ROUNDS; round++) await work();
    return (performance.now() - startedAt) * 1000 / ROUNDS;
  };
  return {
    encryption: await time(async () => blob = await keyring.encrypt(secret, place)),
    decryption: await time(() => keyring.decrypt(blob, place)),
  };
}
