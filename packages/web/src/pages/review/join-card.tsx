import type { ReviewRoom } from "@colourstream/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { sentence } from "../../api/queries.js";
import { browserClock } from "../../live/clock.js";
import { type EarlyOffer, prepareOffer } from "../../player/early-offer.js";
import { makeOffer } from "../../player/offer.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary, type FormError } from "../../ui/error-summary.js";
import { PasswordField, TextField } from "../../ui/text-field.js";
import { useTitle } from "../../ui/use-title.js";
import { WordMark } from "../../ui/word-mark.js";
import { rememberedName, rememberName } from "./remembered-name.js";

type JoinCardProps = {
  roomId: string;
  /** With the offer that was made meanwhile; null in a browser without WebRTC. */
  onJoined: (room: ReviewRoom, earlyOffer: EarlyOffer | null) => void;
};

/** Name and password: the only door to the picture. The picture's offer is made while the password is checked. */
export function JoinCard({ roomId, onJoined }: JoinCardProps) {
  useTitle("Join the review");
  const [name, setName] = useState(rememberedName);
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  const errorOf = (id: string) => errors.find(({ field }) => field === id)?.message;
  const join = useMutation({
    mutationFn: async () => {
      const asked = api("joinRoom", { params: { roomId }, body: { name: name.trim(), password } });
      const earlyOffer =
        "RTCPeerConnection" in window ? prepareOffer(browserClock, () => makeOffer([])) : null;
      try {
        return { room: await asked, earlyOffer };
      } catch (error) {
        earlyOffer?.close();
        throw error;
      }
    },
    onSuccess: ({ room, earlyOffer }) => {
      rememberName(name.trim());
      onJoined(room, earlyOffer);
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
            hint="It came with the link."
            maxLength={128}
            value={password}
            onChange={setPassword}
            error={errorOf("password")}
          />
          <Button type="submit" busy={join.isPending} className="cs-door__go">
            Join
          </Button>
        </form>
      </main>
    </div>
  );
}

function explain(error: unknown): FormError {
  if (error instanceof ApiProblem) {
    if (error.code === "room_password_wrong" || error.code === "not_found") {
      return {
        message: "That password does not open this room",
        field: "password",
      };
    }
    if (error.code === "room_archived") {
      return { message: "This room is closed at the moment. Ask the colourist to open it again." };
    }
  }
  return { message: sentence(error) };
}
