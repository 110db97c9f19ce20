import { type ReactNode, useRef } from "react";
import { createPortal } from "react-dom";
import type { CallView, PeerView } from "../../../conference/call.js";
import { ColourIcon, GripIcon } from "./call-icons.js";
import { resized, type StripChoice } from "./strip-place.js";
import { OwnTile, Tile } from "./tile.js";
import { useFloating } from "./use-floating.js";

type FilmstripProps = {
  view: CallView;
  /** Ids of those whose hand is up. */
  hands: ReadonlySet<string>;
  choice: StripChoice;
  onChoice: (change: Partial<StripChoice>) => void;
  /** Where it is docked; null: it floats over the picture. */
  place: HTMLElement | null;
  /** Else there is only the screen that somebody shows. */
  areTilesShown: boolean;
  onHide: () => void;
  /** A shared screen stands in it. */
  isShowing: boolean;
  /** That screen. */
  children: ReactNode;
};

/** Those in the call: small, dimmed and grey, beside the picture or over it where it was put. */
export function Filmstrip(props: FilmstripProps) {
  const { place, view, children } = props;
  const { peers, self } = view;
  const isEmpty = peers.length === 0 && self.camera === null;
  if (isEmpty) return null;
  if (place === null) return <Floating {...props} />;
  return createPortal(
    <section
      className="cs-filmstrip"
      aria-label="In the call"
      data-testid="filmstrip"
      data-size={props.choice.size}
      data-colour={props.choice.hasColour}
      data-shown={props.isShowing}
    >
      {children}
      {props.areTilesShown && (
        <>
          <Tiles {...props} />
          <Tools {...props} />
        </>
      )}
    </section>,
    place,
  );
}

function Floating(props: FilmstripProps) {
  const box = useRef<HTMLElement>(null);
  const grip = useFloating(box, props.choice, props.onChoice);
  return (
    <section
      className="cs-filmstrip cs-filmstrip--floating"
      aria-label="In the call"
      data-testid="filmstrip"
      data-size={props.choice.size}
      data-colour={props.choice.hasColour}
      ref={box}
    >
      <div className="cs-filmstrip__head">
        <button
          type="button"
          className="cs-filmstrip__tool cs-filmstrip__grip"
          aria-label="Move: drag, or use the arrow keys"
          title="Move: drag, or use the arrow keys"
          data-testid="filmstrip-move"
          {...grip}
        >
          <GripIcon />
        </button>
        <Tools {...props} />
      </div>
      <Tiles {...props} />
    </section>
  );
}

function Tiles({ view, hands }: { view: CallView; hands: ReadonlySet<string> }) {
  const { peers, self } = view;
  return (
    <ul className="cs-filmstrip__tiles">
      {peers.map((one: PeerView) => (
        <Tile key={one.peer.peerId} view={one} isHandUp={hands.has(one.peer.id)} />
      ))}
      {self.camera !== null && <OwnTile camera={self.camera} isSpeaking={self.isSpeaking} />}
    </ul>
  );
}

function Tools({ view, choice, onChoice, onHide }: FilmstripProps) {
  const hasFaces = view.self.camera !== null || view.peers.some(({ camera }) => camera !== null);
  return (
    <div className="cs-filmstrip__tools">
      {hasFaces && (
        <button
          type="button"
          className="cs-filmstrip__tool"
          aria-pressed={choice.hasColour}
          aria-label="Faces in colour"
          title="Faces in colour"
          onClick={() => onChoice({ hasColour: !choice.hasColour })}
          data-testid="filmstrip-colour"
        >
          <ColourIcon />
        </button>
      )}
      <button
        type="button"
        className="cs-filmstrip__tool"
        aria-label="Smaller"
        title="Smaller"
        aria-disabled={choice.size === "small"}
        onClick={() => onChoice({ size: resized(choice.size, -1) })}
        data-testid="filmstrip-smaller"
      >
        −
      </button>
      <button
        type="button"
        className="cs-filmstrip__tool"
        aria-label="Larger"
        title="Larger"
        aria-disabled={choice.size === "large"}
        onClick={() => onChoice({ size: resized(choice.size, 1) })}
        data-testid="filmstrip-larger"
      >
        +
      </button>
      <button
        type="button"
        className="cs-filmstrip__tool"
        aria-label="Hide the filmstrip"
        title="Hide"
        onClick={onHide}
        data-testid="filmstrip-hide"
      >
        ×
      </button>
    </div>
  );
}
