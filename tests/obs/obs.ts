import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OBSWebSocket } from "obs-websocket-js";
import { freeTcpPort } from "../tools/ports.js";
import { waitFor, withDeadline } from "../tools/wait.js";

/** A state of OBS's output, as obs-websocket names it without its prefix: STARTING, STARTED, STOPPED, RECONNECTING … */
export type OutputState = string;

/** An OBS without a screen of its own, driven as a person would drive it. */
export type Obs = {
  /** Types both fields of "Settings → Stream → Custom" and presses "Start Streaming". */
  stream(fields: { readonly server: string; readonly key: string }): Promise<void>;
  /** Presses "Stop Streaming", also while it tries to connect; nothing when it is not streaming. */
  stopStreaming(): Promise<void>;
  /** The states of its output since the last `stream`, in order. */
  states(): readonly OutputState[];
  waitForState(state: OutputState, deadlineMs?: number): Promise<void>;
  /** What OBS has written into its own log. */
  log(): string;
  end(): Promise<void>;
};

const WIDTH = 640;
const HEIGHT = 360; // 25 fps hold with software GL on two cores; 720p does not
const START_MS = 90_000;
const STATE_MS = 30_000;
const END_MS = 5_000;
const PASSWORD = "only-for-this-test";

/** Starts Xvfb and OBS in a folder of their own and waits until it can be driven. */
export async function startObs(): Promise<Obs> {
  const folder = await mkdtemp(join(tmpdir(), "colourstream-obs-"));
  const port = await freeTcpPort();
  const home = join(folder, "home");
  writeSettings(home, port);
  const runtime = join(folder, "run");
  mkdirSync(runtime);
  chmodSync(runtime, 0o700); // Qt insists on it

  const children: ChildProcess[] = [];
  const socket = new OBSWebSocket();
  let written = "";
  const end = async () => {
    await socket.disconnect();
    // OBS first: it complains for seconds about a screen that is gone.
    for (const child of children.reverse()) await endChild(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const display = await startScreen(children);
    const environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      XDG_RUNTIME_DIR: runtime,
      DISPLAY: display,
      QT_QPA_PLATFORM: "xcb",
      LIBGL_ALWAYS_SOFTWARE: "1",
      LANG: "C.UTF-8",
    };
    const names = ["--profile", "Test", "--collection", "Test", "--scene", "Scene"];
    const obs = spawn("obs", ["--multi", ...names, "--minimize-to-tray", "--disable-updater"], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(obs);
    for (const stream of [obs.stdout, obs.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        written = (written + text).slice(-64 * 1024);
      });
    await waitFor(
      "OBS to take orders",
      START_MS,
      async () => {
        if (obs.exitCode !== null || obs.signalCode !== null) throw new Error(`OBS ended:\n${written}`);
        return socket.connect(`ws://127.0.0.1:${port}`, PASSWORD).then(
          () => true,
          () => false, // not there yet: past the deadline `waitFor` says so
        );
      },
      500,
    );
  } catch (error) {
    await end();
    throw error;
  }

  const states: OutputState[] = [];
  socket.on("StreamStateChanged", ({ outputState }) => {
    states.push(outputState.replace("OBS_WEBSOCKET_OUTPUT_", ""));
  });
  return {
    async stream({ server, key }) {
      await socket.call("SetStreamServiceSettings", {
        streamServiceType: "rtmp_custom",
        streamServiceSettings: { server, key, use_auth: false },
      });
      states.length = 0;
      await socket.call("StartStream");
    },
    async stopStreaming() {
      const { outputActive, outputReconnecting } = await socket.call("GetStreamStatus");
      if (!outputActive && !outputReconnecting) return;
      await socket.call("StopStream");
      await waitFor("OBS to have stopped", STATE_MS, () => states.at(-1) === "STOPPED");
    },
    states: () => states,
    waitForState: (state, deadlineMs = STATE_MS) =>
      waitFor(`OBS to be ${state}`, deadlineMs, () => states.includes(state)).then(
        () => {},
        (error: unknown) => {
          throw new Error(`${String(error)}; it was ${states.join(", ")}`);
        },
      ),
    log: () => written + logOf(home),
    end,
  };
}

/** `-displayfd` lets the X server choose a number that is free, and tells it. */
async function startScreen(children: ChildProcess[]): Promise<string> {
  const screen = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "+extension", "GLX"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  children.push(screen);
  const pipe = screen.stdio[3];
  if (!(pipe && "setEncoding" in pipe)) throw new Error("Xvfb has no pipe to tell its display by");
  pipe.setEncoding("utf8");
  const number = await withDeadline(
    "Xvfb to tell its display",
    START_MS,
    new Promise<string>((resolve, reject) => {
      screen.once("error", reject);
      screen.once("exit", () => reject(new Error("Xvfb ended")));
      pipe.once("data", (text: string) => resolve(text.trim()));
    }),
  );
  return `:${number}`;
}

/** What OBS 29 keeps in its folder: no questions at the first start, obs-websocket on, one small scene. */
function writeSettings(home: string, port: number): void {
  const root = join(home, ".config/obs-studio");
  const profile = join(root, "basic/profiles/Test");
  const scenes = join(root, "basic/scenes");
  const remote = join(root, "plugin_config/obs-websocket");
  for (const path of [profile, scenes, remote]) mkdirSync(path, { recursive: true });
  const ini = (sections: Record<string, Record<string, string | number | boolean>>) =>
    Object.entries(sections)
      .map(([name, values]) =>
        [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`)].join("\n"),
      )
      .join("\n");
  const general = { FirstRun: true, LastVersion: 486_539_266, EnableAutoUpdates: false };
  const names = { Profile: "Test", ProfileDir: "Test", SceneCollection: "Test", SceneCollectionFile: "Test" };
  const socket = { FirstLoad: false, ServerEnabled: true, ServerPort: port, AuthRequired: true };
  const settings = ini({
    General: general,
    Basic: names,
    OBSWebSocket: { ...socket, ServerPassword: PASSWORD, AlertsEnabled: false },
  });
  writeFileSync(join(root, "global.ini"), settings);
  writeFileSync(join(root, "user.ini"), settings); // from OBS 31 on
  // From OBS 30 on obs-websocket has a file of its own.
  writeFileSync(
    join(remote, "config.json"),
    JSON.stringify({
      first_load: false,
      server_enabled: true,
      server_port: port,
      auth_required: true,
      server_password: PASSWORD,
      alerts_enabled: false,
    }),
  );
  const size = { BaseCX: WIDTH, BaseCY: HEIGHT, OutputCX: WIDTH, OutputCY: HEIGHT };
  writeFileSync(
    join(profile, "basic.ini"),
    ini({
      General: { Name: "Test" },
      Video: { ...size, FPSType: 1, FPSInt: 25 },
      Output: { Mode: "Advanced", Reconnect: true, RetryDelay: 1, MaxRetries: 20 },
      AdvOut: { Encoder: "obs_x264", TrackIndex: 1, ApplyServiceSettings: false },
    }),
  );
  const rate = { rate_control: "CBR", bitrate: 1_500, keyint_sec: 1 };
  writeFileSync(
    join(profile, "streamEncoder.json"),
    JSON.stringify({ ...rate, preset: "ultrafast", tune: "zerolatency", bf: 0 }),
  );
  writeFileSync(
    join(scenes, "Test.json"),
    JSON.stringify({
      name: "Test",
      current_scene: "Scene",
      current_program_scene: "Scene",
      scene_order: [{ name: "Scene" }],
      sources: [
        { id: "scene", name: "Scene", versioned_id: "scene", settings: { items: [] }, enabled: true },
      ],
    }),
  );
}

function logOf(home: string): string {
  const folder = join(home, ".config/obs-studio/logs");
  if (!existsSync(folder)) return "";
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended.finally(() => clearTimeout(timer));
}
