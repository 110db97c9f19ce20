import { Button } from "../../../ui/button.js";
import type { Tried } from "./use-tried-device.js";

/** Starts and ends trying a device, and says why it did not open. */
export function TryButton({
  tried,
  what,
  problem,
  onStart,
  onStop,
}: {
  tried: Tried;
  what: "microphone" | "camera";
  problem: string | null;
  onStart: () => void;
  onStop: () => void;
}) {
  return (
    <>
      {problem !== null && (
        <p className="cs-devices__warning" role="alert" data-testid={`${what}-problem`}>
          {problem}
        </p>
      )}
      {tried.is === "on" ? (
        <Button look="secondary" small onClick={onStop}>
          Switch the {what} off
        </Button>
      ) : (
        <Button look="secondary" small busy={tried.is === "opening"} onClick={onStart}>
          {tried.is === "refused" ? "Try again" : `Try the ${what}`}
        </Button>
      )}
    </>
  );
}
