/** A layer needs a program that this machine lacks; the message names it, the reason and a remedy. */
export class NotAvailable extends Error {
  override name = "NotAvailable";
}
