import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Got, Scene } from "./fixtures/scene.js";

const CHROMIUM = process.env["CHROME_PATH"] ?? "/usr/bin/chromium";
const WITHIN_MS = 45_000; // a machine that is busy elsewhere codes pictures slowly
const ORIGIN = "http://localhost:1"; // answered by the test itself; devices and sound need a secure origin
const NAMES = ["Ana", "Ben", "Cleo", "Dan"] as const;
type Name = (typeof NAMES)[number];

let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) return;
  const [script, started] = await Promise.all([
    bundled(),
    chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
      ],
    }),
  ]);
  browser = started;
  page = await browser.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.route(`${ORIGIN}/*`, (route) => {
    const isPage = route.request().url() === `${ORIGIN}/`;
    return route.fulfill(
      isPage
        ? { contentType: "text/html", body: '<script type="module" src="/scene.js"></script>' }
        : { contentType: "text/javascript", body: script },
    );
  });
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction("globalThis.scene !== undefined");
}, 60_000);
afterAll(() => browser?.close());

/** The scene as the page gets it. */
async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: fileURLToPath(new URL("./fixtures/scene.ts", import.meta.url)) },
    },
  });
  const [first] = [built].flat();
  if (first === undefined || !("output" in first)) throw new Error("nothing was built");
  return first.output[0].code;
}

/** Runs in the page; what it needs of here is given to it. */
const inScene = <T, A>(act: (scene: Scene, given: A) => T | Promise<T>, given: A): Promise<T> =>
  page.evaluate(`(${act.toString()})(globalThis.scene, ${JSON.stringify(given)})`);

/** Asks until it holds; what was there instead is the error. */
async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`it stayed ${JSON.stringify(value)}`);
  }
}

type All = Readonly<Record<Name, Readonly<Partial<Record<Name, Got>>>>>;
const allGot = () =>
  inScene(async (scene, names: readonly Name[]) => {
    const all = await Promise.all(names.map(async (name) => [name, await scene.got(name)]));
    return Object.fromEntries(all) as All;
  }, NAMES);
const gotBy = (name: Name) => inScene((scene, who: Name) => scene.got(who) as Promise<All[Name]>, name);
const viewOf = (name: Name) => inScene((scene, who: Name) => scene.view(who), name);
const OTHERS = (name: Name) => NAMES.filter((other) => other !== name);
/** For each of all and each of the others. */
const everywhere = (all: All, holds: (got: Got, of: Name, by: Name) => boolean) =>
  NAMES.every((by) =>
    OTHERS(by).every((of) => {
      const got = all[by][of];
      return got !== undefined && holds(got, of, by);
    }),
  );
const isTone = (heard: number, hertz: number) => Math.abs(heard - hertz) < 30; // one bin and a half of the analyser
const toneOf = (name: Name, microphone = 0) => 600 + 400 * NAMES.indexOf(name) + 200 * microphone;
const COLOURS: Readonly<Record<Name, readonly number[]>> = {
  Ana: [220, 30, 30],
  Ben: [30, 220, 30],
  Cleo: [30, 30, 220],
  Dan: [220, 220, 30],
};
const isColour = (seen: readonly number[] | null, wanted: readonly number[]) =>
  seen?.every((value, at) => Math.abs(value - (wanted[at] ?? 0)) < 40) === true;
const bytesOf = (got: Got | undefined) => got?.bytes.reduce((sum, count) => sum + count, 0) ?? 0;
/** An open microphone sends a packet every 20 ms and a camera every 66: in so long a time either would show. */
const REST_MS = 250;

const openConnections = () => inScene((scene) => scene.openConnections(), null);
/** Waits until a counter rests: what was under way has arrived. */
async function rest(read: () => Promise<number>): Promise<void> {
  let before = await read();
  await until(
    async () => {
      await page.waitForTimeout(REST_MS);
      const now = await read();
      const isResting = now === before;
      before = now;
      return isResting;
    },
    (isResting) => isResting,
  );
}

/** One after the other: each begins with what the one before has left. */
const all = (claim: string, prove: () => Promise<void>) =>
  test.skipIf(!existsSync(CHROMIUM))(claim, { timeout: 2 * WITHIN_MS }, prove);

all("four who come at once are connected, each to all, and nobody opened a device", async () => {
  await inScene((scene, names: readonly Name[]) => {
    for (const name of names) scene.come(name, name === "Ana");
  }, NAMES);
  const now = await until(allGot, (got) => everywhere(got, ({ is }) => is === "connected"));
  expect(everywhere(now, ({ transceivers }) => transceivers === 3)).toBe(true);
  expect(await inScene((scene, names: readonly Name[]) => names.flatMap(scene.opened), NAMES)).toEqual([]);
  expect(await viewOf("Ana")).toMatchObject({ is: "in", ended: null, isSomebodySpeaking: false });
});

all("everybody hears and sees everybody else; none of it needs a word between the pages", async () => {
  await inScene((scene) => {
    scene.hub.signals.areLost = true; // and stays so for all that follows until they look for new paths
  }, null);
  await inScene(
    (scene, names: readonly Name[]) =>
      Promise.all(names.flatMap((name) => [scene.call(name).setMic(true), scene.call(name).setCamera(true)])),
    NAMES,
  );
  await until(allGot, (got) =>
    everywhere(
      got,
      ({ tone, camera, isSpeaking }, of) =>
        isTone(tone, toneOf(of)) && isColour(camera, COLOURS[of]) && isSpeaking,
    ),
  );
  await until(
    () => viewOf("Ben"),
    ({ isSomebodySpeaking, self }) => isSomebodySpeaking && self.isSpeaking,
  );
});

all("each kind goes out within its share of the line", async () => {
  const limits = [
    { maxBitrate: 32_000, priority: "high" },
    { maxBitrate: 200_000, maxFramerate: 15, priority: "very-low", degradationPreference: "balanced" },
    {
      maxBitrate: 300_000,
      maxFramerate: 5,
      priority: "very-low",
      degradationPreference: "maintain-resolution",
    },
  ];
  expect(await inScene((scene) => scene.limits("Ana", "Ben"), null)).toMatchObject(limits);
  expect(await inScene((scene) => scene.limits("Ben", "Ana"), null)).toMatchObject(limits);
  await inScene((scene) => scene.call("Ben").protect(1), null);
  const cameraOf = async () => (await inScene((scene) => scene.limits("Ana", "Ben"), null))[1];
  await until(cameraOf, (now) => now?.maxBitrate === 100_000);
  expect(await cameraOf()).toMatchObject({ maxFramerate: 10, scaleResolutionDownBy: 1.5 });
  await inScene((scene) => scene.call("Ben").protect(0), null);
  await until(cameraOf, (now) => now?.maxBitrate === 200_000);
});

all("a microphone that is closed sends nothing at all, and its owner does not speak", async () => {
  await inScene((scene) => scene.call("Ben").setMic(false), null);
  await until(
    () => gotBy("Ana"),
    ({ Ben }) => Ben?.tone === 0 && !Ben.isSpeaking,
  );
  const cleo = bytesOf((await gotBy("Ana")).Cleo);
  await rest(async () => (await gotBy("Ana")).Ben?.bytes[0] ?? 0);
  expect(bytesOf((await gotBy("Ana")).Cleo)).toBeGreaterThan(cleo);
  await inScene((scene) => scene.call("Ben").setMic(true), null);
  await until(allGot, (got) => everywhere(got, ({ tone }, of) => isTone(tone, toneOf(of))));
});

all("another microphone takes over without a gap of the connection; a pulled one is replaced", async () => {
  await inScene((scene) => scene.call("Cleo").useDevice("mic", "second"), null);
  const heard = (microphone: number) => (got: All) =>
    everywhere(got, ({ tone }, of) => isTone(tone, toneOf(of, of === "Cleo" ? microphone : 0)));
  await until(allGot, heard(1));
  const opened = () => inScene((scene) => scene.opened("Cleo"), null);
  await until(opened, (states) => states.join() === "ended,live,live"); // microphone, camera, the other microphone
  await inScene((scene) => {
    scene.sleep(1_000); // it has been open for a while
    scene.unplug("Cleo");
  }, null);
  await until(allGot, heard(0));
  expect((await viewOf("Cleo")).self).toMatchObject({ sending: { mic: true }, problem: null });
});

all("a screen is seen beside the camera, and goes when it is taken away", async () => {
  await inScene((scene) => scene.call("Dan").setScreen(true), null);
  const screen = (COLOURS["Ben"] ?? []).map((value) => value / 2);
  await until(allGot, (got) => OTHERS("Dan").every((by) => isColour(got[by].Dan?.screen ?? null, screen)));
  await inScene((scene) => scene.call("Dan").setScreen(false), null);
  await until(allGot, (got) => OTHERS("Dan").every((by) => got[by].Dan?.screen === null));
  expect((await viewOf("Dan")).self.sending.screen).toBe(false);
});

all("what somebody wants for the programme's sake stops on their links and on no other", async () => {
  await inScene((scene) => scene.call("Ben").protect(2), null);
  await until(
    () => gotBy("Ben"),
    (got) => OTHERS("Ben").every((of) => got[of]?.camera === null),
  );
  const before = await allGot();
  await rest(async () => {
    const got = await gotBy("Ben");
    return OTHERS("Ben").reduce((sum, of) => sum + (got[of]?.bytes[1] ?? 0), 0);
  });
  const after = await allGot();
  for (const of of OTHERS("Ben")) {
    expect(after.Ben[of]?.bytes[0]).toBeGreaterThan(before.Ben[of]?.bytes[0] ?? 0);
  }
  expect(after.Ana.Cleo?.bytes[1]).toBeGreaterThan(before.Ana.Cleo?.bytes[1] ?? 0);
  await inScene((scene) => scene.call("Ben").protect(0), null);
  await until(allGot, (got) => everywhere(got, ({ camera }, of) => isColour(camera, COLOURS[of])));
});

all("the client's side goes to nobody who hosts the room, nor to whoever becomes a host", async () => {
  await inScene((scene) => scene.call("Cleo").setSide(true), null);
  const isCut = (got: Got | undefined) => got?.tone === 0 && got.camera === null && !got.isSpeaking;
  await until(
    () => gotBy("Ana"),
    ({ Cleo }) => isCut(Cleo),
  );
  await rest(async () => bytesOf((await gotBy("Ana")).Cleo));
  await until(
    () => gotBy("Ben"),
    ({ Cleo }) => isTone(Cleo?.tone ?? 0, toneOf("Cleo")),
  );

  await inScene((scene) => scene.promote("Ben"), null);
  await until(
    () => gotBy("Ben"),
    ({ Cleo }) => isCut(Cleo),
  );
  await rest(async () => bytesOf((await gotBy("Ben")).Cleo));
  await inScene((scene) => scene.call("Cleo").setSide(false), null);
  await until(allGot, (got) => everywhere(got, ({ tone }, of) => isTone(tone, toneOf(of))));
});

all("a host closes a microphone: its owner is told by whom, and opens it again themselves", async () => {
  await inScene((scene) => scene.hub.mute("Dan", "Ana"), null);
  await until(
    () => viewOf("Dan"),
    ({ mutedBy, self }) => mutedBy === "Ana" && !self.sending.mic,
  );
  await until(allGot, (got) => OTHERS("Dan").every((by) => got[by].Dan?.tone === 0));
  await inScene((scene) => scene.call("Dan").setMic(true), null);
  expect((await viewOf("Dan")).mutedBy).toBeNull();
  await until(allGot, (got) => OTHERS("Dan").every((by) => isTone(got[by].Dan?.tone ?? 0, toneOf("Dan"))));
});

all("a voice that is said to be closed is not played, whatever comes", async () => {
  await inScene(
    (scene) => scene.hub.say("Dan", { mic: false, camera: true, screen: false, side: false }),
    null,
  );
  const now = await until(allGot, (got) => OTHERS("Dan").every((by) => got[by].Dan?.tone === 0));
  await until(
    () => gotBy("Ana"),
    ({ Dan }) => (Dan?.bytes[0] ?? 0) > (now.Ana.Dan?.bytes[0] ?? 0) + 500,
  );
  expect((await gotBy("Ana")).Dan?.tone).toBe(0);
  await inScene(
    (scene) => scene.hub.say("Dan", { mic: true, camera: true, screen: false, side: false }),
    null,
  );
});

all(
  "both ends of every pair look for new paths in the same moment, ten times: the same connections stand",
  async () => {
    await inScene((scene) => {
      scene.hub.signals.areLost = false;
    }, null);
    const made = await inScene((scene) => scene.madeConnections(), null);
    for (let round = 0; round < 10; round++) {
      await inScene((scene, names: readonly Name[]) => {
        for (const name of names) scene.call(name).networkChanged();
      }, NAMES);
    }
    const isSettled = (got: All) =>
      everywhere(
        got,
        ({ is, tone, transceivers }, of) =>
          is === "connected" && transceivers === 3 && isTone(tone, toneOf(of)),
      );
    await until(
      () => inScene((scene) => scene.isSettled(), null),
      (isQuiet) => isQuiet,
    );
    await until(allGot, isSettled);
    expect(await inScene((scene) => scene.madeConnections(), null)).toBe(made);
  },
);

all("without its line to the server a page goes on talking, and finds its place again", async () => {
  await inScene((scene) => scene.seat("Ben").cut(), null);
  await until(
    () => gotBy("Ana"),
    ({ Ben }) => Ben?.isAway === true,
  );
  expect(await viewOf("Ben")).toMatchObject({ is: "in", isAway: true });
  await inScene((scene) => scene.call("Ben").setCamera(false), null); // said to nobody yet
  await until(allGot, (got) => everywhere(got, ({ tone }, of) => isTone(tone, toneOf(of))));
  const made = await inScene((scene) => scene.madeConnections(), null);
  await inScene((scene) => scene.seat("Ben").mend(), null);
  await until(
    () => gotBy("Ana"),
    ({ Ben }) => Ben?.isAway === false && Ben.camera === null,
  );
  expect(await viewOf("Ben")).toMatchObject({ is: "in", isAway: false });
  expect(await inScene((scene) => scene.madeConnections(), null)).toBe(made);
  await inScene((scene) => scene.call("Ben").setCamera(true), null);
});

all(
  "a server that has forgotten all places: everybody is connected anew, and is heard meanwhile",
  async () => {
    const made = await inScene((scene) => scene.madeConnections(), null);
    await inScene((scene) => scene.watch("Ana", "Ben"), null);
    await inScene((scene, names: readonly Name[]) => {
      scene.hub.forget();
      for (const name of names) scene.seat(name).cut();
      for (const name of names) scene.seat(name).mend();
    }, NAMES);
    const isNew = (got: All) =>
      everywhere(got, ({ is, tone }, of) => is === "connected" && isTone(tone, toneOf(of)));
    await until(
      () => inScene((scene) => scene.madeConnections(), null),
      (now) => now >= made + 12,
    );
    await until(allGot, isNew);
    await inScene((scene) => scene.sleep(3_000), null); // a nap: the connections of before are given up now
    await until(openConnections, (open) => open === 12);
    expect(await inScene((scene) => scene.watched(), null)).toEqual(["connected"]);
  },
);

all("a connection that fails on one side begins anew on both", async () => {
  await inScene((scene) => scene.breakConnection("Ana", "Ben"), null);
  await until(openConnections, (open) => open === 12);
  await until(allGot, (got) =>
    everywhere(got, ({ is, tone }, of) => is === "connected" && isTone(tone, toneOf(of))),
  );
});

all("signals that get lost on the way cost ten seconds, not the call", async () => {
  const made = await inScene((scene) => scene.madeConnections(), null);
  await inScene((scene, names: readonly Name[]) => {
    scene.hub.signals.areLost = true;
    for (const name of names) scene.call(name).networkChanged();
  }, NAMES);
  await until(
    () => inScene((scene) => scene.halfOffered(), null),
    (count) => count === 6,
  );
  await inScene((scene) => {
    scene.hub.signals.areLost = false;
    scene.sleep(11_000);
  }, null);
  await until(
    () => inScene((scene) => scene.madeConnections(), null),
    (now) => now >= made + 12,
  );
  await until(allGot, (got) =>
    everywhere(got, ({ is, tone }, of) => is === "connected" && isTone(tone, toneOf(of))),
  );
});

all("who is sent out is cut by every page at once, and holds no device open", async () => {
  await inScene((scene) => scene.hub.remove("Dan"), null);
  await until(openConnections, (open) => open === 6);
  expect((await viewOf("Ana")).names.toSorted()).toEqual(["Ben", "Cleo"]);
  expect(await viewOf("Dan")).toMatchObject({
    is: "out",
    ended: "removed",
    names: [],
    self: { sending: { mic: false } },
  });
  expect(new Set(await inScene((scene) => scene.opened("Dan"), null))).toEqual(new Set(["ended"]));
});

all("who leaves is gone from every page", async () => {
  await inScene((scene) => scene.call("Cleo").leave(), null);
  await until(openConnections, (open) => open === 2);
  expect(await viewOf("Cleo")).toMatchObject({ is: "out", ended: null });
});

all("devices are opened as a call beside a picture needs them", async () => {
  const { mic, camera, list } = await inScene((scene) => scene.devices(), null);
  expect(mic).toMatchObject({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  expect(mic.channelCount).toBe(1);
  expect(camera).toMatchObject({ width: 480, height: 270, frameRate: 15 });
  for (const choices of [list.mics, list.cameras, list.speakers]) {
    expect(choices.length).toBeGreaterThan(0);
    for (const { id, label } of choices) expect([id, label]).not.toContain("");
  }
});

all("a level meter tells a voice from digital silence", async () => {
  const [loud, quiet] = await inScene((scene) => scene.levels(), null);
  expect(loud).toMatchObject({ dbfs: "-13" });
  expect(loud?.share).toBeCloseTo(1 - 13 / 60, 1);
  expect(quiet).toEqual({ dbfs: "-Infinity", share: 0 });
});
