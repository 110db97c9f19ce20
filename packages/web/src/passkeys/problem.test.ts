import { expect, test } from "vitest";
import { PasskeyProblem, passkeyProblemFrom } from "./problem.js";

test.each([
  ["NotAllowedError", "stopped", "You stopped at the passkey. Nothing was changed."],
  ["InvalidStateError", "already-added", "This passkey is already added."],
  ["SecurityError", "wrong-place", "Passkeys do not work at this address."],
  ["AbortError", "replaced", "took the place"],
  ["ConstraintError", "not-able", "It needs a screen lock"],
  ["UnknownError", "failed", "Try again"],
])("the browser's %s is %s, in a sentence for a person", (name, code, words) => {
  const problem = passkeyProblemFrom(new DOMException("what the browser says", name));
  expect(problem).toBeInstanceOf(PasskeyProblem);
  expect(problem.code).toBe(code);
  expect(problem.message).toContain(words);
  expect(problem.message).not.toContain("what the browser says");
});

test("something that is no error at all has failed", () => {
  expect(passkeyProblemFrom("?").code).toBe("failed");
});
