/** The peer said something that its protocol does not allow. Caught in one place per session, which ends that session. */
export class ProtocolError extends Error {
  readonly protocol: string;
  readonly reason: string;
  /** Where in the input, in bytes from the start of what was being read; -1 when that has no meaning. */
  readonly offset: number;

  constructor(protocol: string, reason: string, offset = -1) {
    super(offset < 0 ? `${protocol}: ${reason}` : `${protocol}: ${reason} (at byte ${offset})`);
    this.name = "ProtocolError";
    this.protocol = protocol;
    this.reason = reason;
    this.offset = offset;
  }
}
