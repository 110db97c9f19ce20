import { expect, test } from "vitest";
import { readStreamId } from "./stream-id.js";

const KEYS: readonly [streamId: string, key: string, encoder?: string][] = [
  ["abc123", "abc123"],
  [" abc123 ", "abc123"],
  ['"abc123"', "abc123"],
  ["publish:abc123", "abc123"],
  ["Publish:abc123", "abc123"],
  ["#!::r=abc123,m=publish", "abc123"],
  ["#!::m=publish,r=abc123", "abc123"],
  ["#!::r=abc123", "abc123"],
  ["#!::h=studio.example.com,r=abc123,u=someone,s=1,t=stream,m=publish", "abc123"],
  ["#!::bmd_uuid=12345678-1234,bmd_name=ATEM Mini Pro,r=abc123,m=publish", "abc123", "ATEM Mini Pro"],
  ["#!::r='abc123',m='publish'", "abc123"],
  ["%23%21%3A%3Ar%3Dabc123%2Cm%3Dpublish", "abc123"],
  ["'#!::r=abc123,m=publish'", "abc123"],
  ["#!::R=abc123,M=Publish", "abc123"],
  ["#!::r=abc123,m=bidirectional", "abc123"],
  ["100%", "100%"],
  ["%zz%41%ff", "%zz%41%ff"],
  ["live:abc123", "live:abc123"],
];

test.each(KEYS)("%s publishes", (streamId, key, encoder) => {
  expect(readStreamId(streamId)).toEqual({ is: "publish", key, encoder: encoder ?? null });
});

test.each(["", " ", '""', "publish:", "#!::m=publish", "#!::", "#!::r="])("%j has no key", (streamId) => {
  expect(readStreamId(streamId)).toEqual({ is: "refused", why: "no-key" });
});

test.each(["read:abc", "request:abc", "play:abc", "#!::r=abc,m=request", "#!::r=abc,m=play"])(
  "%s wants to watch",
  (streamId) => {
    expect(readStreamId(streamId)).toEqual({ is: "refused", why: "wants-to-watch" });
  },
);
