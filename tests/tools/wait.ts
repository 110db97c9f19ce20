/** Waits for a number of milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again and again until the answer is something; past the deadline it fails and says what was missing. */
export async function waitFor<T>(
  what: string,
  deadlineMs: number,
  ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  everyMs = 25,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(everyMs);
  }
}

/** The promise's value, or an error that names what did not come in time. */
export async function withDeadline<T>(what: string, deadlineMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Wall clock in milliseconds with fractions; the same for every process and browser page of one machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
