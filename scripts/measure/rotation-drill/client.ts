import { type KeysAnswer, keysApi } from "../../../tests/e2e/support/keys_api.ts";
import type { Random } from "../../common/random.ts";
import type { Expectations, ExpectedKey } from "./expectations.ts";
import { newSecret, VENDOR } from "./fixture.ts";

/** What a client needs. */
export interface ClientOptions {
  functionsUrl: string;
  tokenOf: (person: string) => Promise<string>;
  expectations: Expectations;
  random: Random;
  /** Picks a key that the rotation is about to reach, or any key. */
  pick: () => string | undefined;
  isDone: () => boolean;
  /** Whether the server is down on purpose, so that no answer is no fault. */
  isDown: () => boolean;
  /** Counts what was done. */
  did: (what: string) => void;
  /** Records a violation. */
  complain: (what: string) => void;
}

/** Something that a client does with a key, or as its owner. */
type Action = (options: ClientOptions, key: ExpectedKey, id: string) => Promise<void>;

/** Sends a request as a user; null if its result is unknown. */
async function call(
  options: ClientOptions,
  person: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<KeysAnswer | null> {
  const before = options.isDown();
  try {
    const api = keysApi(options.functionsUrl, await options.tokenOf(person));
    const answer = await api(method, path, body);
    if (answer.status < 500) return answer;
    if (!before && !options.isDown()) {
      options.complain(`${method} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
  } catch (error) {
    if (!before && !options.isDown()) options.complain(`${method} had no answer: ${error}`);
  }
  // A server that is gone is not asked all the time.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return null;
}

/** Replaces a key with another. */
const replace: Action = async (options, key, id) => {
  const { expectations, did, complain } = options;
  const secret = newSecret();
  expectations.issued(key.owner, secret);
  const answer = await call(options, key.owner, "PUT", `/keys/${id}`, { key: secret });
  if (answer?.status === 200) key.possible = new Set([secret]);
  else if (answer === null) key.possible.add(secret);
  else if (answer.status !== 429 && !key.possible.has(null)) complain(`PUT ${answer.status}`);
  did("replaced");
};

/** Deletes a key. */
const remove: Action = async (options, key, id) => {
  const { did, complain } = options;
  const answer = await call(options, key.owner, "DELETE", `/keys/${id}`);
  if (answer?.status === 204) key.possible = new Set([null]);
  else if (answer === null) key.possible.add(null);
  else if (!key.possible.has(null)) complain(`DELETE ${answer.status}`);
  did("deleted");
};

/** Shows a key in plain text. */
const open: Action = async (options, key, id) => {
  const { did, complain } = options;
  const answer = await call(options, key.owner, "POST", `/keys/${id}/decrypt`);
  if (answer?.status === 200 && !key.possible.has(answer.body.key)) complain("opened to another");
  if (answer?.status === 404 && !key.possible.has(null)) complain("a key is lost");
  did("opened");
};

/** Renames a key. */
const rename: Action = async (options, key, id) => {
  const { random, did, complain } = options;
  const answer = await call(options, key.owner, "PATCH", `/keys/${id}`, {
    display_name: random.id(),
  });
  if (answer?.status === 404 && !key.possible.has(null)) complain("a key is lost");
  did("renamed");
};

/** Stores another key of the same person. */
const create: Action = async (options, { owner }) => {
  const { expectations, did } = options;
  const secret = newSecret();
  expectations.issued(owner, secret);
  const answer = await call(options, owner, "POST", "/keys", { vendor_id: VENDOR, key: secret });
  if (answer?.status === 201) expectations.stored(answer.body.id, owner, secret);
  else if (answer === null) expectations.maybe.add(secret);
  did("created");
};

/** Chats with a key of the same person. */
const use: Action = async (options, { owner }) => {
  const { did, complain } = options;
  const messages = [{ role: "user", content: owner }];
  const body = { model: `${VENDOR}/one`, messages };
  const answer = await call(options, owner, "POST", "/chat/completions", body);
  // A person without a key left has none to chat with.
  if (answer && answer.status !== 200 && answer.body?.error?.code !== "no_vendor_key") {
    complain(`chat answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  did("used");
};

/** Creates, replaces, opens, uses, renames and deletes keys until it is done. */
export async function runClient(options: ClientOptions): Promise<void> {
  while (!options.isDone()) {
    const id = options.pick();
    const key = id === undefined ? undefined : options.expectations.keys.get(id);
    if (id === undefined || !key || key.isBusy) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    const action = options.random.weighted<Action>([
      [30, replace],
      [10, remove],
      [20, open],
      [10, rename],
      [10, create],
      [20, use],
    ]);
    key.isBusy = true;
    await action(options, key, id).finally(() => key.isBusy = false);
  }
}
