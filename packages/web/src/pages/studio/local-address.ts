const HERE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** True for an address that leads every reader to their own machine: worthless to forward. */
export function isLocalAddress(address: string): boolean {
  return URL.canParse(address) && HERE.test(new URL(address.replace(/^(rtmps?|srt):/, "http:")).hostname);
}
