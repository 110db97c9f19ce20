import { expect, test } from "vitest";
import { createVirtualClock } from "../live/virtual-clock.js";
import { prepareOffer } from "./early-offer.js";
import type { Offered } from "./offer.js";

function set() {
  const clock = createVirtualClock();
  const peer = { closed: 0, close: () => (peer.closed += 1) };
  const offered = { peer } as unknown as Offered;
  return { clock, peer, offered, early: prepareOffer(clock, () => offered) };
}

test("an early offer is given away once, and then its taker's to close", () => {
  const { clock, peer, offered, early } = set();
  expect(early.take()).toBe(offered);
  expect(early.take()).toBeNull();
  early.close();
  clock.advance(60_000);
  expect(peer.closed).toBe(0);
});

test("an early offer that nobody takes is closed after 10 s", () => {
  const { clock, peer, early } = set();
  clock.advance(9_900);
  expect(peer.closed).toBe(0);
  clock.advance(200);
  expect(peer.closed).toBe(1);
  expect(early.take()).toBeNull();
});

test("a closed early offer is closed once and not given away", () => {
  const { clock, peer, early } = set();
  early.close();
  early.close();
  clock.advance(60_000);
  expect(peer.closed).toBe(1);
  expect(early.take()).toBeNull();
});
