/** The prefix of access keys, which distinguishes them from access tokens and other secrets. */
export const ACCESS_KEY_PREFIX = "agb_";
