import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import { type ClientMessage, REALTIME_PATH, type ServerMessage } from "@colourstream/contract";
import { type Bottleneck, measureBottleneck, type OnTheLine } from "../tests/tools/conference-bottleneck.js";
import { whyNoHouse } from "../tests/tools/conference-line.js";
import { percentile } from "../tests/tools/percentile.js";
import { freeTcpPort } from "../tests/tools/ports.js";
import { readProcess } from "../tests/tools/processes.js";
import { startProduct } from "../tests/tools/product.js";
import { builtFile } from "../tests/tools/root.js";
import { pause, waitFor } from "../tests/tools/wait.js";
import { type Delays, type Listener, openListener, stopwatch } from "./room-crowd.js";
import { type Memory, probeMemory } from "./room-memory.js";
import { printTable, rounded } from "./table.js";

/** What do fifty people on a room's channel cost, how soon does each hear the others, and does the call leave the picture its line? */

const isQuick = process.argv.includes("--quick");
const PEOPLE = 50;
const FEW = 10;
const MESSAGES = isQuick ? 50 : 400;
const MESSAGES_EVERY_MS = 60; // each of fifty writes every 3 s, below the five in 5 s that one person may
const HANDS = isQuick ? 20 : 100;
const HANDS_EVERY_MS = 250;
const IDLE_MS = isQuick ? 3_000 : 10_000;
const WARM_UP = 10;
const LINE = { lineKilobits: 2600, programmeKilobits: 1600, seconds: isQuick ? 6 : 20 } as const;
const SETTLE_MS = 4_000; // somebody is gone 3 s after their last page

console.log(`A room of ${PEOPLE}, on ${cpus().length} cores of ${cpus()[0]?.model ?? "an unnamed processor"}${isQuick ? ", quick: few messages, take the figures lightly" : ""}.

Method. The built product runs as an operator runs it, its server a process of its own with the embedded database.
${PEOPLE} people have joined by link and password, and each has a socket on the channel; all sockets are in this process, over
loopback. A message is sent by each in turn, every ${MESSAGES_EVERY_MS} ms; its delay is from before it is sent until the last of the ${PEOPLE}
has read it. A chat message is in the database before anybody is told. A raised hand is told with what else has happened
within 100 ms. "Bare": the same bytes through a server that does nothing but send on what comes, ws alone, in a process of
its own. The first ${WARM_UP} messages of each row do not count.
Memory is the server's heap and buffers after its garbage was collected, with nobody on the channel, ${FEW} and ${PEOPLE}, each
watching room and chat; resident memory (RSS) moves by whole arenas and stands beside it. CPU is the server's user and
kernel time from /proc, per message to all ${PEOPLE}, and with nothing happening.
The line: a reviewer's Chromium in a network namespace behind ${LINE.lineKilobits / 1000} Mb/s in each direction (tc tbf, 200 ms of queue), a programme of
${LINE.programmeKilobits / 1000} Mb/s by WebRTC, then three others who talk, with busy cameras, and one screen. "Capped": what the reviewer's
page would tell the others that it can do without is held back. "Protecting": as the product does it, ${2 * LINE.seconds} s, after 8 s.
What counts is what came of the picture, without what was sent twice.
`);

const inspectPort = await freeTcpPort();
const product = await startProduct({ NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}` });
const listeners: Listener[] = [];
try {
  const room = await product.createRoom("Fifty");
  const cookies: string[] = [];
  for (let number = 0; number < PEOPLE; number += 1)
    cookies.push((await product.join(room, `Person ${number}`)).cookie());
  const memory = await probeMemory(product.pid(), inspectPort);
  const url = product.url.replace(/^http/, "ws") + REALTIME_PATH;
  const chatTimes = stopwatch(PEOPLE);
  const handTimes = stopwatch(PEOPLE);
  const ids = new Map<number, string>();
  const run = randomBytes(8).toString("base64url"); // 11 characters of a message's 22
  const clientId = (number: number) => run + String(number).padStart(11, "0");
  let sample = "";

  const hear = (listener: number, message: ServerMessage) => {
    if (message.type === "history.entry") {
      const { clientId: name } = message.entry.message;
      sample = JSON.stringify(message);
      if (name.startsWith(run)) chatTimes.heardBy(Number(name.slice(11)));
    }
    if (message.type === "room.presence") {
      if (message.you !== null) ids.set(listener, message.you);
      for (const person of message.people) {
        const raised = raisedBy.get(person.id);
        if (raised !== undefined && (person.handAt !== null) === raised.isUp)
          handTimes.heardBy(raised.number);
      }
    }
  };
  const raisedBy = new Map<string, { number: number; isUp: boolean }>();
  const comeIn = async (until: number) => {
    for (let number = listeners.length; number < until; number += 1) {
      const listener = await openListener(url, cookies[number] ?? "", product.url, (message) =>
        hear(number, message as ServerMessage),
      );
      listeners.push(listener);
      listener.say({ type: "watch.room", roomId: room.id } satisfies ClientMessage);
      listener.say({ type: "history.watch", since: null } satisfies ClientMessage);
    }
    await waitFor("everybody to be told who is here", 20_000, () => ids.size === until);
    await pause(SETTLE_MS);
    return memory.read();
  };

  await comeIn(PEOPLE); // what is made once, for the first to come, is nobody's
  await leaveAll(listeners);
  ids.clear();
  await pause(SETTLE_MS);
  const nobody = await memory.read();
  const few = await comeIn(FEW);
  const all = await comeIn(PEOPLE);
  memory.close();

  const idle = await cpuOf(product.pid(), () => pause(IDLE_MS));
  const say = (number: number, message: ClientMessage) => listeners[number % PEOPLE]?.say(message);
  const write = (number: number) =>
    say(number, {
      ...{ type: "chat.send", clientId: clientId(number), mentions: [], audience: "all" },
      text: `Number ${number}: the window at the left is a little warm, and the skin is where we want it.`,
    });
  await chatTimes.run({ messages: WARM_UP, everyMs: MESSAGES_EVERY_MS, send: write }, 0);
  const chat = await cpuOf(product.pid(), () =>
    chatTimes.run({ messages: MESSAGES, everyMs: MESSAGES_EVERY_MS, send: write }, WARM_UP),
  );
  const raise = (number: number) => {
    const isUp = Math.floor(number / PEOPLE) % 2 === 0;
    raisedBy.set(ids.get(number % PEOPLE) ?? "", { number, isUp });
    say(number, { type: "presence.hand", isUp });
  };
  await handTimes.run({ messages: WARM_UP, everyMs: HANDS_EVERY_MS, send: raise }, 0);
  const hands = await handTimes.run({ messages: HANDS, everyMs: HANDS_EVERY_MS, send: raise }, WARM_UP);
  await leaveAll(listeners);
  const bare = await measureBare(sample);

  printTable(
    ["sent → heard by the last", "messages", "p50 ms", "p95 ms", "p99 ms", "max ms", "p50 of each"],
    [row("chat", chat.result), row("bare ws", bare), row("hand", hands)],
  );
  const ratio = (share: number) =>
    (percentile(chat.result.toTheLast, share) / percentile(bare.toTheLast, share)).toFixed(1);
  console.log(`Chat ÷ bare: p50 ${ratio(0.5)}, p99 ${ratio(0.99)}\n`);
  const bytesOf = (one: Memory) => one.heap + one.external;
  const each = (more: Memory, less: Memory, people: number) => (bytesOf(more) - bytesOf(less)) / people;
  const memoryRow = (name: string, one: Memory, bytesEach: number | null) => [
    name,
    ...[one.heap, one.external, one.rss].map((bytes) => (bytes / 1024).toFixed(0)),
    bytesEach?.toFixed(0) ?? "",
  ];
  printTable(
    ["on the channel", "heap kB", "buffers kB", "RSS kB", "bytes each"],
    [
      memoryRow("nobody", nobody, null),
      memoryRow(`${FEW}`, few, each(few, nobody, FEW)),
      memoryRow(`${PEOPLE}`, all, each(all, nobody, PEOPLE)),
      memoryRow(`${PEOPLE} against ${FEW}`, all, each(all, few, PEOPLE - FEW)),
    ],
  );
  console.log(
    `CPU of the server: ${(chat.cpuMs / MESSAGES).toFixed(2)} ms for a chat message to ${PEOPLE}, ${((100 * idle.cpuMs) / IDLE_MS).toFixed(1)} % of a core with nothing happening\n`,
  );
  const noLine = whyNoHouse();
  if (noLine !== null) console.log(`The line was not measured, so programmeShare is null: ${noLine}\n`);
  await product.stop();
  const line = noLine === null ? await measureBottleneck(LINE) : null;
  if (line !== null) printLine(line);
  console.log(
    JSON.stringify({
      bench: "room",
      fanoutP99Ms: rounded(percentile(chat.result.toTheLast, 0.99), 1),
      bytesPerParticipant: Math.round(each(all, nobody, PEOPLE)),
      programmeShare:
        line === null ? null : rounded(line.protecting.kilobitsPerSecond / line.alone.kilobitsPerSecond, 3),
    }),
  );
} finally {
  await product.remove();
}

function printLine({ alone, capped, protecting }: Bottleneck): void {
  const lineRow = (name: string, one: OnTheLine) => [
    name,
    one.kilobitsPerSecond.toFixed(0),
    (one.kilobitsPerSecond / alone.kilobitsPerSecond).toFixed(3),
    one.framesPerSecond.toFixed(1),
    String(one.packetsLost),
    String(one.freezes),
  ];
  printTable(
    ["the programme's part of the line", "kb/s", "of alone", "frames/s", "packets lost", "freezes"],
    [
      lineRow("alone", alone),
      lineRow("with a call, capped", capped),
      lineRow("with a call, protecting", protecting),
    ],
  );
}

/** The same bytes to as many, by a server that only sends on. */
async function measureBare(sample: string): Promise<Delays> {
  const child = fork(builtFile("bench/room-echo-child.ts"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const echoing: Listener[] = [];
  try {
    const port = await new Promise<number>((resolve) =>
      child.once("message", (told) => resolve((told as { port: number }).port)),
    );
    const times = stopwatch(PEOPLE);
    for (let number = 0; number < PEOPLE; number += 1)
      echoing.push(
        await openListener(`ws://127.0.0.1:${port}`, null, "http://localhost", (message) =>
          times.heardBy((message as { number: number }).number),
        ),
      );
    const send = (number: number) =>
      echoing[number % PEOPLE]?.say({ number, entry: sample.slice(0, Math.max(0, sample.length - 40)) });
    await times.run({ messages: WARM_UP, everyMs: MESSAGES_EVERY_MS, send }, 0);
    return await times.run({ messages: MESSAGES, everyMs: MESSAGES_EVERY_MS, send }, WARM_UP);
  } finally {
    await leaveAll(echoing);
    child.disconnect();
  }
}

async function leaveAll(all: Listener[]): Promise<void> {
  await Promise.all(all.splice(0).map((one) => one.end()));
}

async function cpuOf<T>(pid: number, act: () => Promise<T>): Promise<{ cpuMs: number; result: T }> {
  const before = readProcess(pid)?.cpuMs ?? 0;
  const result = await act();
  return { cpuMs: (readProcess(pid)?.cpuMs ?? 0) - before, result };
}

function row(name: string, { toTheLast, toEach }: Delays): string[] {
  return [
    name,
    String(toTheLast.length),
    ...[0.5, 0.95, 0.99, 1].map((share) => percentile(toTheLast, share).toFixed(1)),
    percentile(toEach, 0.5).toFixed(1),
  ];
}
