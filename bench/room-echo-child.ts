import { WebSocketServer } from "ws";

/** What one socket says, all hear: the least that a channel in this language can do, in a process of its own. */
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (bytes) => {
    for (const one of server.clients) one.send(bytes, { binary: false });
  });
});
server.on("listening", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.send?.({ port: address.port });
});
process.on("disconnect", () => process.exit(0));
