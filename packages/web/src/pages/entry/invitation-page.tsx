import type { ResponseOf, routes } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { seatQuery, sentence } from "../../api/queries.js";
import { browserClock } from "../../live/clock.js";
import { prepareOffer } from "../../player/early-offer.js";
import { makeOffer } from "../../player/offer.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary } from "../../ui/error-summary.js";
import { TextField } from "../../ui/text-field.js";
import { useFormErrors } from "../../ui/use-form-errors.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { DeviceCheckLink } from "../review/devices/device-check-link.js";
import { handOverOffer } from "../review/hand-over.js";
import { loadFittings } from "../review/load-fittings.js";
import { rememberedInvitation, rememberInvitation, rememberName } from "../review/remembered.js";
import { ROLE_WORDS } from "../role-words.js";
import { secretAtStart, takeInvitationSecret } from "./invitation-secret.js";

type Opened = ResponseOf<(typeof routes)["openInvitation"]>;

/** `/i#secret`: somebody's own way into a room. */
export function InvitationPage() {
  const [{ secret, round }, setTaken] = useState({ secret: secretAtStart, round: 0 });
  useEffect(() => {
    const onHash = () => {
      const next = takeInvitationSecret();
      if (next !== "") setTaken((before) => ({ secret: next, round: before.round + 1 }));
    };
    onHash();
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  return secret === "" ? <WithoutSecret /> : <WithSecret key={round} secret={secret} round={round} />;
}

function Door({ testId, children }: { testId: string; children: ReactNode }) {
  return (
    <div className="cs-door">
      <main className="cs-door__card" data-testid={testId}>
        <div className="cs-door__mark">
          <WordMark />
        </div>
        {children}
      </main>
    </div>
  );
}

/** The page was loaded again, and the secret has gone with it: whoever has a seat already goes on to it. */
function WithoutSecret() {
  useTitle("Invitation");
  const [roomId] = useState(rememberedInvitation);
  const seat = useQuery({ ...seatQuery(roomId, () => true), enabled: roomId !== "" });
  if (roomId !== "" && seat.isPending) return <div className="cs-door" role="status" aria-label="Loading" />;
  if (seat.data != null) return <Navigate to="/r/$roomId" params={{ roomId }} replace />;
  return (
    <Door testId="invitation-incomplete">
      <h1 className="govuk-heading-m">Open your invitation link again</h1>
      <p className="govuk-body">
        For your safety this page does not keep the link. Go back to the message with your invitation, and
        open the whole link from there.
      </p>
    </Door>
  );
}

function WithSecret({ secret, round }: { secret: string; round: number }) {
  useTitle("Invitation");
  const invitation = useQuery({
    queryKey: ["invitation", round], // the secret is in no key: keys are for looking at
    queryFn: ({ signal }) => api("openInvitation", { body: { secret }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (invitation.isPending) {
    return <div className="cs-door" role="status" aria-label="Loading the invitation" />;
  }
  if (invitation.data !== undefined) return <Invited secret={secret} invitation={invitation.data} />;
  if (isWrong(invitation.error)) return <NotWorking />;
  return (
    <Door testId="invitation-away">
      <div role="alert">
        <h1 className="govuk-heading-m">Your invitation could not be opened</h1>
        <p className="govuk-body">{sentence(invitation.error)}</p>
      </div>
      <Button onClick={() => invitation.refetch()} busy={invitation.isFetching}>
        Try again
      </Button>
    </Door>
  );
}

function NotWorking() {
  return (
    <Door testId="invitation-wrong">
      <div role="alert">
        <h1 className="govuk-heading-m">This invitation does not work</h1>
        <p className="govuk-body">
          It was used up, was taken back or has run out; or a part of the link was lost on the way here.
        </p>
      </div>
      <p className="govuk-body">
        Check that the whole link was copied. If it was, ask whoever invited you for a new one.
      </p>
    </Door>
  );
}

function Invited({ secret, invitation }: { secret: string; invitation: Opened }) {
  const { roomId, roomName, from, role } = invitation;
  useTitle(roomName);
  const [name, setName] = useState(invitation.name);
  const errors = useFormErrors();
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  useEffect(() => {
    void router.preloadRoute({ to: "/r/$roomId", params: { roomId } });
    void loadFittings();
  }, [router, roomId]);
  const accept = useMutation({
    mutationFn: async () => {
      const asked = api("acceptInvitation", { body: { secret, name: name.trim() } });
      const offer = "RTCPeerConnection" in window ? prepareOffer(browserClock, () => makeOffer([])) : null;
      try {
        const joined = await asked;
        handOverOffer(roomId, offer);
        return joined;
      } catch (error) {
        offer?.close();
        throw error;
      }
    },
    onSuccess: async (joined) => {
      rememberName(name.trim());
      rememberInvitation(roomId);
      client.setQueryData(seatQuery(roomId, () => true).queryKey, joined);
      await navigate({ to: "/r/$roomId", params: { roomId }, replace: true });
    },
    onError: (error) => errors.show({ message: explain(error) }),
  });
  if (isWrong(accept.error)) return <NotWorking />;
  return (
    <Door testId="invitation">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (errors.passes(name.trim() === "" && { message: "Enter your name", field: "name" })) {
            accept.mutate();
          }
        }}
      >
        <ErrorSummary errors={errors.all} />
        <p className="cs-door__lead">{from === "" ? "You are invited to" : `${from} invites you to`}</p>
        <h1 className="govuk-heading-l cs-door__room" data-testid="invitation-room">
          {roomName}
        </h1>
        <p className="govuk-body" data-testid="invitation-role">
          {YOU_ARE[role]}
        </p>
        <TextField
          id="name"
          label="Your name"
          hint="Others in the room see it."
          autoComplete="name"
          maxLength={60}
          value={name}
          onChange={setName}
          error={errors.at("name")}
        />
        <Button type="submit" busy={accept.isPending} className="cs-door__go">
          Join
        </Button>
      </form>
      <DeviceCheckLink />
    </Door>
  );
}

const YOU_ARE: Record<Opened["role"], string> = {
  presenter: `As ${ROLE_WORDS.presenter.name.toLowerCase()}: you let people in, send them out and can lock the room.`,
  reviewer: `As ${ROLE_WORDS.reviewer.name.toLowerCase()}: you watch and take part in the review.`,
  observer: `As ${ROLE_WORDS.observer.name.toLowerCase()}: you watch.`,
};

/** Refused for good: asking again with the same secret changes nothing. */
function isWrong(error: unknown): boolean {
  return error instanceof ApiProblem && ["invitation_wrong", "invalid_request"].includes(error.code);
}

function explain(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.code === "room_locked") {
      return "The room is locked: nobody new can come in. Ask the colourist to open it, then join again.";
    }
    if (error.code === "sent_out") {
      return "Somebody who runs the room has sent you out. If that was a mistake, ask the colourist to let you come back.";
    }
    if (error.code === "room_archived") {
      return "This room is closed at the moment. Ask the colourist to open it again.";
    }
  }
  return sentence(error);
}
