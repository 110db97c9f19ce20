import type { SeatRole } from "@colourstream/contract";
import { useEffect, useRef, useState } from "react";
import { frameAllow } from "./frame-allow.js";
import { type FrameChoice, frameResized } from "./frame-choice.js";

const SOURCE = "https://github.com/miroslavpejic85/mirotalk";

/**
 * MiroTalk's page, in a place of its own beside the picture. It stays where it is in the document, shown or not: a
 * frame that is moved is loaded anew, and its call would end.
 */
export function CallFrame({
  url,
  role,
  isShown,
  choice,
  onChoice,
  onLeft,
}: {
  url: string;
  role: SeatRole;
  isShown: boolean;
  choice: FrameChoice;
  onChoice: (choice: FrameChoice) => void;
  /** MiroTalk's page was left, and ours after it has said so. */
  onLeft: () => void;
}) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [isOpen, setOpen] = useState(false);
  const left = useRef(onLeft);
  useEffect(() => {
    left.current = onLeft;
  });
  useEffect(() => {
    const hear = ({ origin, source, data }: MessageEvent<unknown>) => {
      const isOurs = origin === window.location.origin && source === frame.current?.contentWindow;
      if (isOurs && isLeftMessage(data)) left.current();
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, []);
  return (
    <section
      className="cs-frame"
      aria-label="Call"
      data-size={choice.size}
      data-shown={isShown}
      data-testid="call-frame-place"
    >
      <div className="cs-frame__body">
        {!isOpen && <p className="cs-frame__coming">Opening the call…</p>}
        <iframe
          className="cs-frame__page"
          title="The call, in MiroTalk"
          src={url}
          allow={frameAllow(url, role)}
          referrerPolicy="strict-origin"
          ref={frame}
          onLoad={() => setOpen(true)}
          data-testid="call-frame"
        />
      </div>
      <div className="cs-frame__foot">
        <p className="cs-frame__words">
          Video: MiroTalk P2P, AGPL-3.0,{" "}
          <a href={SOURCE} target="_blank" rel="noreferrer" data-testid="call-source">
            source
          </a>
        </p>
        <div className="cs-filmstrip__tools">
          <span className="cs-frame__sizes">
            <Tool
              label="Smaller"
              sign="−"
              isAtEnd={choice.size === "small"}
              onClick={() => onChoice(frameResized(choice, -1))}
            />
            <Tool
              label="Larger"
              sign="+"
              isAtEnd={choice.size === "large"}
              onClick={() => onChoice(frameResized(choice, 1))}
            />
          </span>
          <Tool label="Hide the call" sign="×" onClick={() => onChoice({ ...choice, isHidden: true })} />
        </div>
      </div>
    </section>
  );
}

function Tool({
  label,
  sign,
  isAtEnd = false,
  onClick,
}: {
  label: string;
  sign: string;
  isAtEnd?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="cs-filmstrip__tool"
      aria-label={label}
      title={label}
      aria-disabled={isAtEnd}
      onClick={onClick}
    >
      {sign}
    </button>
  );
}

/** As conference-left/left.ts says it. */
function isLeftMessage(data: unknown): boolean {
  return typeof data === "object" && data !== null && "type" in data && data.type === "conference:left";
}
