import type { ReviewRoom } from "@colourstream/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { reviewQuery, sentence } from "../../api/queries.js";
import type { EarlyOffer } from "../../player/early-offer.js";
import { Button } from "../../ui/button.js";
import { ClosedCard, type ClosedReason } from "./closed-card.js";
import { JoinCard } from "./join-card.js";
import { rememberedName } from "./remembered-name.js";
import { Room } from "./room.js";

/** `/r/:roomId`: the join card, then the picture. The room's name is not told before the password is right. */
export function ReviewPage() {
  const { roomId } = useParams({ from: "/r/$roomId" });
  const query = reviewQuery(roomId, () => rememberedName() !== "");
  const review = useQuery({ ...query, staleTime: Number.POSITIVE_INFINITY });
  const client = useQueryClient();
  const [closed, setClosed] = useState<ClosedReason | null>(null);
  const earlyOffer = useRef<EarlyOffer | null>(null);
  const keep = (room: ReviewRoom | null) => client.setQueryData(query.queryKey, room);

  if (closed !== null) {
    return (
      <ClosedCard
        reason={closed}
        onJoin={() => {
          void client.resetQueries({ queryKey: query.queryKey }); // an owner is let in again without a password
          setClosed(null);
        }}
      />
    );
  }
  if (review.isPending) return <div className="cs-door" role="status" aria-label="Loading the room" />;
  if (review.data === undefined) {
    return (
      <div className="cs-door">
        <div className="cs-door__card" role="alert">
          <h1 className="govuk-heading-m">The room could not be reached</h1>
          <p className="govuk-body">{sentence(review.error)}</p>
          <Button onClick={() => review.refetch()}>Try again</Button>
        </div>
      </div>
    );
  }
  if (review.data === null) {
    return (
      <JoinCard
        roomId={roomId}
        onJoined={(room, early) => {
          earlyOffer.current = early;
          keep(room);
        }}
      />
    );
  }
  return (
    <Room
      key={review.data.participant.id}
      review={review.data}
      earlyOffer={earlyOffer.current}
      onClosed={setClosed}
      onRenamed={(name) => review.data !== null && keep({ ...review.data, name })}
      onRefused={async () => {
        // Our session may have ended while nobody could tell us.
        const now = await review.refetch();
        if (now.data === null) setClosed("session-ended");
      }}
    />
  );
}
