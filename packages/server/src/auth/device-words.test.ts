import { expect, test } from "vitest";
import { deviceWords, passkeyName } from "./device-words.js";

const CHROME =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";

test.each([
  [CHROME, "Chrome 156 on macOS"],
  [PHONE, "Safari 26 on iOS"],
  [null, "An unknown browser"],
  ["   ", "An unknown browser"],
  ["\u0000<script>", "An unknown browser"],
])("%s is called %s", (userAgent, words) => {
  expect(deviceWords(userAgent)).toBe(words);
});

test.each([
  [["internal"], CHROME, "Chrome on macOS"],
  [["hybrid", "internal"], PHONE, "Safari on iOS"],
  [["internal"], null, "Passkey"],
  [["usb", "nfc"], CHROME, "Security key"],
  [["hybrid"], CHROME, "Phone or tablet"],
  [[], CHROME, "Passkey"],
])("a passkey reached by %s from %s is called %s", (transports, userAgent, name) => {
  expect(passkeyName(transports, userAgent)).toBe(name);
});
