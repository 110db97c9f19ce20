import type { ResponseOf, routes } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useId, useMemo } from "react";
import { api } from "../../../api/call.js";
import { sentence } from "../../../api/queries.js";
import { Button } from "../../../ui/button.js";
import { CopyField } from "../../../ui/copy-button.js";
import { useModal } from "../../../ui/use-modal.js";
import { qrCode } from "./qr-path.js";
import { type Reach, reachOf } from "./talk-link-reach.js";

type Made = ResponseOf<(typeof routes)["makeTalkLink"]>;

/** Makes a phone the talk button of whoever opens it: a code for its camera, and the link behind it. */
export function TalkLinkDialog({
  roomId,
  isOpen,
  onClose,
}: {
  roomId: string;
  isOpen: boolean;
  onClose: () => void;
}) {
  const dialog = useModal(isOpen);
  const titleId = useId();
  const making = useMutation({ mutationFn: () => api("makeTalkLink", { params: { roomId } }) });
  const { data, mutate, reset } = making;
  const expiresAt = data?.expiresAt ?? 0;
  useEffect(() => {
    if (isOpen && expiresAt <= Date.now()) mutate(); // the first, or the one of before has run out
  }, [isOpen, expiresAt, mutate]);
  return (
    <dialog
      className="cs-help cs-talk-link"
      ref={dialog}
      onClose={() => {
        if (making.isError) reset();
        onClose();
      }}
      aria-labelledby={titleId}
      data-testid="talk-link"
    >
      <h2 className="cs-panel__title" id={titleId}>
        Your phone as talk button
      </h2>
      {making.isError ? (
        <p className="govuk-error-message" role="alert">
          {sentence(making.error)}
        </p>
      ) : data === undefined ? (
        <p className="cs-talk-link__wait" role="status">
          Making a link…
        </p>
      ) : (
        <Link made={data} />
      )}
      <div className="govuk-button-group cs-talk-link__acts">
        <Button small onClick={onClose}>
          Close
        </Button>
        <Button
          look="secondary"
          small
          busy={making.isPending}
          onClick={() => making.mutate()}
          data-testid="talk-link-again"
        >
          {making.isError ? "Try again" : "Make a new one"}
        </Button>
      </div>
    </dialog>
  );
}

function Link({ made: { link } }: { made: Made }) {
  const reach = reachOf(link);
  const { path, size } = useMemo(() => qrCode(link), [link]);
  return (
    <>
      <p className="cs-talk-link__lead">
        Point your phone’s camera at the code. The phone then opens and closes the microphone of this page,
        while your hands and keys are elsewhere.
      </p>
      {REACH_WORDS[reach] !== null && (
        <p className="cs-talk-link__reach" data-testid="talk-link-reach">
          {REACH_WORDS[reach]}
        </p>
      )}
      <svg
        className="cs-talk-link__code"
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label="QR code of the link below"
        data-testid="talk-link-code"
      >
        <rect width={size} height={size} />
        <path d={path} />
      </svg>
      <CopyField value={link} copies="talk link" testId="talk-link-address" />
      <p className="cs-talk-link__note">
        Whoever has the link can open your microphone. It ends when you leave the room or sign out, after 12
        hours at most, and when you make a new one.
      </p>
    </>
  );
}

const REACH_WORDS: Readonly<Record<Reach, string | null>> = {
  "this-machine":
    "A phone cannot open this link: it leads to this machine only. Open the room by the machine’s network address, or have PUBLIC_URL set, and make a new one.",
  network: "The phone has to be in the same network as ColourStream: use its Wi-Fi, not mobile data.",
  anywhere: null,
};
