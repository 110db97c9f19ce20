// Finds the real programs that the tests use and installs what is missing, so that `npm test` needs nothing beforehand.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const GSTREAMER_ELEMENTS = [
  ...["rawvideoparse", "videoconvert", "x264enc", "h264parse", "audiotestsrc", "voaacenc", "aacparse"],
  ...["flvmux", "rtmp2sink", "mpegtsmux", "srtsink"],
];
// GStreamer's TLS is GIO's, and GIO's is a module of a package of its own: rtmp2sink is there without it and then
// refuses every rtmps:// address.
const GIO_FOLDERS = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib"];
const GIO_TLS_MODULE = /^libgio(gnutls|openssl)\.(so|dylib)$/;
const INSTALL_MS = 600_000;

const require = createRequire(import.meta.url);

function runs(command, args) {
  const run = spawnSync(command, args, { stdio: "ignore", timeout: 20_000 });
  return run.error === undefined && run.status === 0;
}

function isOnPath(names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
}

function playwrightChromium() {
  return require("@playwright/test").chromium.executablePath();
}

function hasChromium() {
  const named = process.env.CHROME_PATH;
  if (named) return existsSync(named);
  return isOnPath(CHROMIUM_NAMES) || existsSync(playwrightChromium());
}

function hasGioTls() {
  const named = [process.env.GIO_MODULE_DIR, process.env.GIO_EXTRA_MODULES].filter(Boolean);
  const inLibraries = GIO_FOLDERS.flatMap((folder) => [folder, ...foldersIn(folder)]);
  return [...named, ...inLibraries.map((folder) => join(folder, "gio/modules"))].some(
    (folder) => existsSync(folder) && readdirSync(folder).some((file) => GIO_TLS_MODULE.test(file)),
  );
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

/** One entry a client: how to find it, what Debian calls it, which variable leaves its tests out. */
const CLIENTS = [
  { name: "Chromium", isThere: hasChromium, debian: ["chromium"], skip: "SKIP_BROWSER_TESTS" },
  {
    name: "ffmpeg",
    isThere: () => runs("ffmpeg", ["-version"]),
    debian: ["ffmpeg"],
    skip: "SKIP_ENCODER_TESTS",
  },
  {
    name: "ffprobe",
    isThere: () => runs("ffprobe", ["-version"]),
    debian: ["ffmpeg"],
    skip: "SKIP_ENCODER_TESTS",
  },
  {
    name: "GStreamer",
    isThere: () =>
      runs("gst-launch-1.0", ["--version"]) &&
      GSTREAMER_ELEMENTS.every((element) => runs("gst-inspect-1.0", [element])),
    debian: ["tools", "plugins-base", "plugins-good", "plugins-bad", "plugins-ugly"].map(
      (part) => `gstreamer1.0-${part}`,
    ),
    skip: "SKIP_ENCODER_TESTS",
  },
  {
    name: "TLS for GStreamer",
    isThere: hasGioTls,
    debian: ["glib-networking"],
    skip: "SKIP_ENCODER_TESTS",
  },
  {
    name: "srt-live-transmit",
    isThere: () => runs("srt-live-transmit", ["-version"]),
    debian: ["srt-tools"],
    skip: "SKIP_ENCODER_TESTS",
  },
];

/** Skips that were asked for by name. */
export function skips() {
  return {
    browser: process.env.SKIP_BROWSER_TESTS === "1",
    encoder: process.env.SKIP_ENCODER_TESTS === "1",
  };
}

/** OBS and a screen for it: only installed for those who ask, being 31 packages. */
const OBS = {
  name: "OBS",
  isThere: () => isOnPath(["obs"]) && isOnPath(["Xvfb"]),
  debian: ["obs-studio", "xvfb"],
};

/** Whether OBS can be tested with as it is. */
export function hasObs() {
  return OBS.isThere();
}

/** Whether a TURN server can be tested with: a daemon, which nothing here puts on anybody's machine. */
export function hasTurnServer() {
  return isOnPath(["turnserver"]);
}

/** Makes sure that OBS is there, or ends the process with the command that a person has to type. */
export function ensureObs() {
  ensure([OBS]);
}

/** Makes sure that everything is there, or ends the process with the command that a person has to type. */
export function ensureRealClients() {
  ensure(CLIENTS.filter((client) => process.env[client.skip] !== "1"));
}

function ensure(wanted) {
  let missing = wanted.filter((client) => !client.isThere());
  if (missing.length === 0) return;

  const packages = [...new Set(missing.flatMap((client) => client.debian))];
  const root = asRoot();
  if (root !== null && runs("apt-get", ["--version"])) {
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const [command, ...before] = [...root, "apt-get"];
    const options = { stdio: ["ignore", "ignore", "inherit"], env: environment, timeout: INSTALL_MS };
    console.log(`Missing: ${names(missing)}. Installing ${packages.join(" ")} with apt-get ...`);
    spawnSync(command, [...before, "update", "-q"], options);
    spawnSync(command, [...before, "install", "-y", "-q", "--no-install-recommends", ...packages], options);
    const still = wanted.filter((client) => !client.isThere());
    if (still.length < missing.length) console.log(`Installed by apt-get: ${packages.join(" ")}`);
    missing = still;
  }
  const browser = missing.find((client) => client.name === "Chromium");
  if (browser !== undefined) {
    const cli = join(dirname(require.resolve("@playwright/test/package.json")), "cli.js");
    console.log("Missing: Chromium. Downloading Playwright's own ...");
    spawnSync(process.execPath, [cli, "install", "chromium"], { stdio: "inherit", timeout: INSTALL_MS });
    if (browser.isThere()) {
      console.log(`Installed by Playwright's download: ${playwrightChromium()}`);
      missing = missing.filter((client) => client !== browser);
    }
  }
  if (missing.length === 0) return;

  const left = [...new Set(missing.flatMap((client) => client.debian))];
  const variables = [...new Set(missing.map((client) => client.skip).filter(Boolean))];
  console.error(`The tests need ${names(missing)}, and nothing here could install it. Type:`);
  console.error(`  sudo apt-get update && sudo apt-get install -y ${left.join(" ")}`);
  if (browser !== undefined)
    console.error("or name a browser that is there: CHROME_PATH=/path/to/chromium npm test");
  if (variables.length > 0)
    console.error(`or leave those tests out: ${variables.map((name) => `${name}=1`).join(" ")} npm test`);
  process.exit(1);
}

function names(clients) {
  return clients.map((client) => client.name).join(", ");
}

/** What to put before a command to run it as root; null when there is no way without a password. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return runs("sudo", ["-n", "true"]) ? ["sudo", "-n"] : null;
}
