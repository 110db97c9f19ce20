/** AV_LOG_QUIET: what is wrong with a frame is counted, not printed. */
export const CODECS_QUIET = -8;

/** Loads the codec library, which is native code: only in a process that may die. Rejects where it is not installed. */
export async function importCodecs(specifier: string): Promise<unknown> {
  addWithResolvers();
  return import(specifier);
}

/** The library wants a function of Node 22; ours may be Node 20. */
function addWithResolvers(): void {
  const promise = Promise as unknown as { withResolvers?: unknown };
  promise.withResolvers ??= () => {
    let resolve: unknown;
    let reject: unknown;
    const made = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise: made, resolve, reject };
  };
}
