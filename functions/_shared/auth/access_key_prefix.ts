/** What access keys begin with: it tells them from the tokens of people, and from other secrets. */
export const ACCESS_KEY_PREFIX = "agb_";
