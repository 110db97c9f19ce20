import type { Joined } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { browserClock } from "../../live/clock.js";
import { prepareOffer } from "../../player/early-offer.js";
import { makeOffer } from "../../player/offer.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary, type FormError } from "../../ui/error-summary.js";
import { PasswordField, TextField } from "../../ui/text-field.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { DeviceCheckLink } from "./devices/device-check-link.js";
import { handOverOffer } from "./hand-over.js";
import { loadFittings } from "./load-fittings.js";
import { rememberedInvitation, rememberedName, rememberInvitation, rememberName } from "./remembered.js";

type JoinCardProps = {
  roomId: string;
  onJoined: (joined: Joined) => void;
};

/** Name and password: the only door to the picture. The picture's offer is made while the password is checked. */
export function JoinCard({ roomId, onJoined }: JoinCardProps) {
  useTitle("Join the review");
  const [name, setName] = useState(rememberedName);
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  useEffect(() => void loadFittings(), []); // while the password is typed
  const isInvited = rememberedInvitation() === roomId;
  const errorOf = (id: string) => errors.find(({ field }) => field === id)?.message;
  const join = useMutation({
    mutationFn: async () => {
      const asked = api("joinRoom", { params: { roomId }, body: { name: name.trim(), password } });
      const earlyOffer =
        "RTCPeerConnection" in window ? prepareOffer(browserClock, () => makeOffer([])) : null;
      try {
        const joined = await asked;
        handOverOffer(roomId, earlyOffer);
        return joined;
      } catch (error) {
        earlyOffer?.close();
        throw error;
      }
    },
    onSuccess: (joined) => {
      rememberName(name.trim());
      if (isInvited) rememberInvitation(""); // the password is how this browser comes in now
      onJoined(joined);
    },
    onError: (error) => setErrors([explain(error)]),
  });

  function submit() {
    const missing: FormError[] = [];
    if (name.trim() === "") missing.push({ message: "Enter your name", field: "name" });
    if (password === "") missing.push({ message: "Enter the room’s password", field: "password" });
    setErrors(missing);
    if (missing.length === 0) join.mutate();
  }

  return (
    <div className="cs-door">
      <main className="cs-door__card" data-testid="join">
        <div className="cs-door__mark">
          <WordMark />
        </div>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <ErrorSummary errors={errors} />
          <h1 className="govuk-heading-m">Join the review</h1>
          <TextField
            id="name"
            label="Your name"
            autoComplete="name"
            maxLength={60}
            value={name}
            onChange={setName}
            error={errorOf("name")}
          />
          <PasswordField
            id="password"
            label="Password"
            hint={
              isInvited
                ? "Came by an invitation? Open its link again: it needs no password."
                : "It came with the link."
            }
            maxLength={128}
            value={password}
            onChange={setPassword}
            error={errorOf("password")}
          />
          <Button type="submit" busy={join.isPending} className="cs-door__go">
            Join
          </Button>
        </form>
        <p className="govuk-body cs-door__check">
          <Link to="/check" hash={roomId} className="govuk-link" data-testid="check-link">
            Check your connection first
          </Link>
        </p>
        <DeviceCheckLink />
      </main>
    </div>
  );
}

const SHUT: Partial<Record<ApiProblem["code"], string>> = {
  room_archived: "This room is closed at the moment. Ask the colourist to open it again.",
  room_locked: "The room is locked: nobody new can come in. Ask the colourist to open it, then join again.",
  sent_out:
    "Somebody who runs the room has sent you out. If that was a mistake, ask the colourist to let you come back.",
  room_full: "Too many people are waiting to be let in. Wait a few minutes, then join again.",
};

function explain(error: unknown): FormError {
  if (error instanceof ApiProblem) {
    if (error.code === "room_password_wrong" || error.code === "not_found") {
      return {
        message: "That password does not open this room",
        field: "password",
      };
    }
    const message = SHUT[error.code];
    if (message !== undefined) return { message };
  }
  return { message: sentence(error) };
}
