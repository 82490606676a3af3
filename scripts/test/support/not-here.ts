/** Something that this machine cannot run; the message names it, the reason and a remedy. */
export class NotHere extends Error {
  override name = "NotHere";
}
