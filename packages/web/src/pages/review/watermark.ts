import type { Clock } from "../../live/clock.js";
import type { Place } from "./picture-geometry.js";
import { jump, wander } from "./watermark-path.js";

/** A viewer's name and the time over the picture. */
export type Watermark = {
  /** The picture has moved, or has another size: where it is now, in the stage's CSS pixels. */
  over(picture: Place): void;
  close(): void;
};

/** What it lies over and what it says. */
export type WatermarkPorts = {
  readonly stage: HTMLElement;
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether the viewer asked their system for less motion. */
  readonly isStill: () => boolean;
};

const TICK_MS = 1_000;
const AHEAD_MS = 1_500; // longer than a tick: a late one does not let the mark rest
const BACK_AFTER_MS = 800; // not at once: against a script that removes it again and again, the page must stay alive
const LARGEST_AGE_MS = 97_000 * 71; // once round the whole way
const TEXT_OF_HEIGHT = 0.026;
const SMALLEST_TEXT_PX = 13;
const LARGEST_TEXT_PX = 44;

/**
 * Keeps the mark over the picture. It is a deterrent and no lock: who can film the screen can film without it. But it
 * does not go by accident or by deleting an element: it is put back, and until it is there the picture is not shown.
 */
export function createWatermark({ stage, name, clock, random, isStill }: WatermarkPorts): Watermark {
  const startedAt = clock.now() - Math.floor(random() * LARGEST_AGE_MS);
  let picture: Place = { left: 0, top: 0, width: stage.clientWidth, height: stage.clientHeight };
  let parts = build();
  let motion: Animation | null = null;
  let cancelTick = () => {};
  let cancelBack = () => {};

  const watcher = new MutationObserver(inspect);

  function build() {
    const layer = document.createElement("div");
    layer.className = "cs-mark";
    layer.setAttribute("aria-hidden", "true");
    layer.dataset["testid"] = "watermark";
    const mark = layer.appendChild(document.createElement("div"));
    mark.className = "cs-mark__text";
    mark.appendChild(document.createElement("span")).textContent = name;
    const time = mark.appendChild(document.createElement("span"));
    time.className = "cs-mark__time";
    return { layer, mark, time };
  }

  function put() {
    stage.append(parts.layer);
    lay();
    step();
    watcher.observe(stage, { childList: true });
    watcher.observe(parts.layer, { attributes: true, childList: true, characterData: true, subtree: true });
    delete stage.dataset["bare"];
  }

  /** Hides the picture, and brings back a mark that nobody has touched. */
  function renew() {
    watcher.disconnect();
    cancelBack();
    stage.dataset["bare"] = "true";
    parts.layer.remove();
    parts = build();
    cancelBack = clock.after(BACK_AFTER_MS, put);
  }

  function inspect(records: readonly MutationRecord[]) {
    const { layer } = parts;
    const isTouched = records.some(({ target }) => target !== stage && layer.contains(target));
    if (layer.parentNode !== stage || isTouched || !isVisible(layer)) renew();
  }

  /** Our own changes are not news, but what came before them is looked at. */
  function change(write: () => void) {
    const before = watcher.takeRecords();
    if (before.length > 0) inspect(before);
    write();
    watcher.takeRecords();
  }

  function lay() {
    const { style } = parts.layer;
    style.left = `${picture.left}px`;
    style.top = `${picture.top}px`;
    style.width = `${picture.width}px`;
    style.height = `${picture.height}px`;
    const text = Math.min(Math.max(picture.height * TEXT_OF_HEIGHT, SMALLEST_TEXT_PX), LARGEST_TEXT_PX);
    style.fontSize = `${text.toFixed(1)}px`;
  }

  function step() {
    const now = clock.now();
    parts.time.textContent = new Date(now).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
    const room = {
      x: Math.max(0, picture.width - parts.mark.offsetWidth),
      y: Math.max(0, picture.height - parts.mark.offsetHeight),
    };
    const at = (ageMs: number) => {
      const { x, y } = isStill() ? jump(ageMs) : wander(ageMs);
      return { transform: `translate(${x * room.x}px, ${y * room.y}px)` };
    };
    const age = now - startedAt;
    motion?.cancel();
    // The browser moves it by itself: no work of ours for each frame beside a picture that must not stutter.
    motion = parts.mark.animate([at(age), at(isStill() ? age : age + AHEAD_MS)], {
      duration: AHEAD_MS,
      fill: "forwards",
    });
  }

  function tick() {
    cancelTick = clock.after(TICK_MS, tick);
    if (stage.dataset["bare"] === "true") return;
    if (parts.layer.parentNode !== stage || !isVisible(parts.layer)) renew();
    else change(step);
  }

  put();
  tick();
  return {
    over(next) {
      picture = next;
      if (parts.layer.isConnected) {
        change(() => {
          lay();
          step();
        });
      }
    },
    close() {
      watcher.disconnect();
      cancelTick();
      cancelBack();
      motion?.cancel();
      parts.layer.remove();
      delete stage.dataset["bare"];
    },
  };
}

/** False when a style from elsewhere hides it. Safari has the question since 17.4; before, being there must do. */
function isVisible(layer: HTMLElement): boolean {
  return layer.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) ?? layer.isConnected;
}
