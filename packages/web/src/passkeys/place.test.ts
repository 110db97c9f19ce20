import { expect, test } from "vitest";
import { passkeyPlace } from "./place.js";

const local = "http://localhost:3000";
const at = (origin: string, hasPasskeys = true) => ({ origin, hasPasskeys });

test("at the origin that the server checks, in a browser that has them, passkeys work here", () => {
  expect(passkeyPlace(local, at(local))).toEqual({ is: "here" });
  expect(passkeyPlace("https://grade.example", at("https://grade.example"))).toEqual({ is: "here" });
});

test("a browser without passkeys is an old one", () => {
  expect(passkeyPlace(local, at(local, false))).toEqual({ is: "old-browser" });
});

test("127.0.0.1 leads to localhost, which is the same machine", () => {
  expect(passkeyPlace(local, at("http://127.0.0.1:3000", false))).toEqual({
    is: "elsewhere",
    origin: local,
    onMachineOnly: false,
  });
});

test("the machine's address on the network leads to localhost, which only the machine itself can open", () => {
  expect(passkeyPlace(local, at("http://192.168.1.20:3000", false))).toEqual({
    is: "elsewhere",
    origin: local,
    onMachineOnly: true,
  });
});

test("another name of a server on https leads to its own name, for everybody", () => {
  expect(passkeyPlace("https://grade.example", at("http://10.0.0.4:3000", false))).toEqual({
    is: "elsewhere",
    origin: "https://grade.example",
    onMachineOnly: false,
  });
});

test.each(["http://grade.example", "https://192.168.1.20", "https://[2001:db8::1]:3000"])(
  "a server whose address is %s can have no passkeys at all",
  (origin) => {
    expect(passkeyPlace(origin, at(origin))).toEqual({ is: "nowhere", origin });
  },
);
