import { expect, test, vi } from "vitest";
import { PasskeyProblem } from "../passkeys/problem.js";
import { ApiProblem } from "./call.js";
import { onceAtATime, withProof } from "./proved.js";
import { sentence } from "./queries.js";

const needed = () => new ApiProblem("step_up_required", "Confirm with your passkey first.", 403, "r1");

test("a call that needs no proof asks for none", async () => {
  const prove = vi.fn();
  await expect(withProof(async () => "done", prove)).resolves.toBe("done");
  expect(prove).not.toHaveBeenCalled();
});

test("a call that needs a proof is made once more after it", async () => {
  const call = vi.fn().mockRejectedValueOnce(needed()).mockResolvedValueOnce("done");
  await expect(withProof(call, async () => undefined)).resolves.toBe("done");
  expect(call).toHaveBeenCalledTimes(2);
});

test("a second refusal is not asked about again", async () => {
  const prove = vi.fn(async () => undefined);
  await expect(withProof(() => Promise.reject(needed()), prove)).rejects.toMatchObject({
    code: "step_up_required",
  });
  expect(prove).toHaveBeenCalledTimes(1);
});

test("another refusal goes through as it is", async () => {
  const prove = vi.fn();
  const refused = new ApiProblem("last_passkey", "This is the last passkey.", 409, "r1");
  await expect(withProof(() => Promise.reject(refused), prove)).rejects.toBe(refused);
  expect(prove).not.toHaveBeenCalled();
});

test("who stops at the passkey is told that nothing was changed, and the call is not made again", async () => {
  const call = vi.fn().mockRejectedValue(needed());
  const stopped = withProof(call, () => Promise.reject(new PasskeyProblem("stopped")));
  await expect(stopped.catch(sentence)).resolves.toBe("You stopped at the passkey. Nothing was changed.");
  expect(call).toHaveBeenCalledTimes(1);
});

test("two calls at once share one question; a later one asks anew", async () => {
  let answer = (): void => undefined;
  const work = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
  );
  const ask = onceAtATime(work);
  const both = Promise.all([ask(), ask()]);
  answer();
  await both;
  expect(work).toHaveBeenCalledTimes(1);
  const later = ask();
  answer();
  await later;
  expect(work).toHaveBeenCalledTimes(2);
});

test("a question that failed does not stand in the way of the next", async () => {
  const work = vi.fn().mockRejectedValueOnce(new PasskeyProblem("stopped")).mockResolvedValueOnce(undefined);
  const ask = onceAtATime(work);
  await expect(ask()).rejects.toThrow("You stopped");
  await expect(ask()).resolves.toBeUndefined();
});
