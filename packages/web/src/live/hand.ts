import type { Line } from "./line.js";

/** One's own raised hand. The server holds it while we are there; who comes back says it again. */
export type Hand = {
  isUp(): boolean;
  set(isUp: boolean): void;
  /** How the room was last told that it is. */
  told(isUp: boolean): void;
  close(): void;
};

/** What it needs from its page. */
export type HandPorts = {
  readonly line: Line;
  /** As it was before the page was loaded again. */
  readonly wasUp: boolean;
  /** `byHost`: a host has taken it down. */
  readonly onChange: (isUp: boolean, byHost: boolean) => void;
};

/** Keeps one's hand up through lost connections and restarts of the server, until we or a host take it down. */
export function createHand({ line, wasUp, onChange }: HandPorts): Hand {
  let isUp = wasUp;
  let isTold = false; // the server has had it up since we said so on this connection
  let isUnsaid = false; // it was taken down while nobody heard

  function change(next: boolean, byHost: boolean) {
    if (next === isUp) return;
    isUp = next;
    onChange(isUp, byHost);
  }
  const say = () => {
    isUnsaid = !line.say({ type: "presence.hand", isUp });
  };
  const stop = line.onLink((isLinkUp) => {
    isTold = false;
    if (isLinkUp && (isUp || isUnsaid)) say();
  });
  if (isUp && line.isUp()) say();

  return {
    isUp: () => isUp,
    set(next) {
      isTold = false;
      change(next, false);
      say();
    },
    told(next) {
      if (next) isTold = true;
      else if (isTold) {
        isTold = false;
        change(false, true);
      }
    },
    close: stop,
  };
}
