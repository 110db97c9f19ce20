import { startUdpRelay, type UdpRelaySettings } from "../tests/tools/udp-relay.js";

/** A relay in a process of its own, so that nothing else that the bench does delays its packets. */
process.once("message", (settings: UdpRelaySettings) => {
  void startUdpRelay(settings).then((relay) => {
    process.send?.({ port: relay.port });
    process.on("message", () => process.send?.({ counts: relay.counts() }));
  });
});
process.on("disconnect", () => process.exit(0));
