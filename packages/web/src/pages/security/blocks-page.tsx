import type { Attempt, Block } from "@colourstream/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/call.js";
import { attemptsQuery, blocksQuery, sentence } from "../../api/queries.js";
import { Banner } from "../../ui/banner.js";
import { Button } from "../../ui/button.js";
import { Confirm } from "../../ui/confirm.js";
import { agoWords, momentWords } from "../../ui/local-time.js";
import { LoadFailed, Loading } from "../../ui/page.js";
import { Table } from "../../ui/table.js";
import { useTitle } from "../../ui/use-title.js";
import { useNow } from "../studio/use-now.js";
import { actionWords } from "./audit-words.js";
import { BlockForm } from "./block-form.js";

type Wish = { readonly address: string; readonly reason: string };

/** `/studio/security`: blocked addresses and refused attempts. */
export function BlocksPage() {
  useTitle("Security");
  const [wish, setWish] = useState<Wish | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const finish = (said: string) => {
    setWish(null);
    setDone(said);
  };
  return (
    <>
      <h1 className="govuk-heading-l">Addresses</h1>
      {done !== null && <Banner key={done} title={done} tone="done" testId="done" />}
      {wish !== null && (
        <BlockForm
          key={wish.address}
          address={wish.address}
          reason={wish.reason}
          onDone={finish}
          onCancel={() => setWish(null)}
        />
      )}
      <Blocked
        onDone={finish}
        isAdding={wish !== null}
        onAdd={() => {
          setDone(null);
          setWish({ address: "", reason: "" });
        }}
      />
      <Attempts
        onBlock={(address) => {
          setDone(null);
          setWish({ address, reason: "Too many refused attempts" });
        }}
      />
    </>
  );
}

function Blocked({
  onDone,
  isAdding,
  onAdd,
}: {
  onDone: (said: string) => void;
  isAdding: boolean;
  onAdd: () => void;
}) {
  const blocks = useQuery(blocksQuery);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <section className="cs-section" aria-labelledby="blocked">
      <div className="cs-section__head">
        <h2 className="govuk-heading-m" id="blocked">
          Blocked
        </h2>
        <Button look="secondary" small onClick={onAdd} disabled={isAdding}>
          Block an address
        </Button>
      </div>
      <p className="govuk-body">
        A blocked address gets no page, no picture and no sign-in. Addresses that guess too often are blocked
        for a while by themselves.
      </p>
      {blocks.isPending ? (
        <Loading what="the blocked addresses" />
      ) : blocks.data === undefined ? (
        <LoadFailed message={sentence(blocks.error)} onRetry={() => blocks.refetch()} />
      ) : blocks.data.length === 0 ? (
        <p className="govuk-body cs-quiet" data-testid="no-blocks">
          No address is blocked.
        </p>
      ) : (
        <Table
          caption="Blocked addresses"
          isCaptionHidden
          testId="blocks"
          head={["Address", "Why", "Blocked by", "Until", ""]}
          rows={blocks.data.map((block) => ({
            key: block.id,
            testId: "block",
            cells: [
              <span key="address" className="cs-address">
                {block.address}
              </span>,
              block.reason,
              block.by === "limits" ? "ColourStream" : "The owner",
              block.expiresAt === null ? "It is removed" : momentWords(block.expiresAt),
              <Button key="remove" look="secondary" small onClick={() => setAsked(block.id)}>
                Remove<span className="govuk-visually-hidden"> the block of {block.address}</span>
              </Button>,
            ],
            below:
              asked === block.id ? (
                <RemoveBlock block={block} onDone={onDone} onClose={() => setAsked(null)} />
              ) : null,
          }))}
        />
      )}
    </section>
  );
}

function RemoveBlock({
  block,
  onDone,
  onClose,
}: {
  block: Block;
  onDone: (said: string) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api("removeBlock", { params: { blockId: block.id } }),
    onSuccess: async () => {
      onClose();
      onDone(`${block.address} is let in again`);
      await client.invalidateQueries({ queryKey: blocksQuery.queryKey });
      await client.invalidateQueries({ queryKey: attemptsQuery.queryKey });
    },
  });
  return (
    <Confirm
      title={`Let ${block.address} in again?`}
      yes="Remove block"
      busy={remove.isPending}
      error={remove.isError ? sentence(remove.error) : undefined}
      onYes={() => remove.mutate()}
      onNo={onClose}
    >
      <p className="govuk-body">
        Whoever is there can open the doors of this ColourStream again at once. They still need a link and a
        password, or a passkey.
      </p>
    </Confirm>
  );
}

function Attempts({ onBlock }: { onBlock: (address: string) => void }) {
  const attempts = useQuery(attemptsQuery);
  const now = useNow();
  return (
    <section className="cs-section" aria-labelledby="attempts">
      <h2 className="govuk-heading-m" id="attempts">
        Refused in the last 24 hours
      </h2>
      {attempts.isPending ? (
        <Loading what="the refused attempts" />
      ) : attempts.data === undefined ? (
        <LoadFailed message={sentence(attempts.error)} onRetry={() => attempts.refetch()} />
      ) : attempts.data.length === 0 ? (
        <p className="govuk-body cs-quiet" data-testid="no-attempts">
          Nobody was refused. Wrong passwords, used-up links and passkeys that do not fit would stand here.
        </p>
      ) : (
        <Table
          caption="Refused attempts in the last 24 hours"
          isCaptionHidden
          testId="attempts"
          head={["Address", "What was tried", "How often", "Last", ""]}
          rows={attempts.data.map((attempt) => ({
            key: `${attempt.address} ${attempt.action}`,
            testId: "attempt",
            cells: [
              <Link
                key="address"
                to="/studio/security/audit"
                search={{ address: attempt.address }}
                className="govuk-link cs-address"
              >
                {attempt.address}
              </Link>,
              actionWords(attempt.action),
              attempt.count === 1 ? "Once" : `${attempt.count} times`,
              agoWords(attempt.lastAt, now),
              <BlockThis key="block" attempt={attempt} onBlock={onBlock} />,
            ],
          }))}
        />
      )}
    </section>
  );
}

function BlockThis({ attempt, onBlock }: { attempt: Attempt; onBlock: (address: string) => void }) {
  if (attempt.isBlocked) return <span className="cs-quiet">Blocked</span>;
  return (
    <Button look="secondary" small onClick={() => onBlock(attempt.address)}>
      Block<span className="govuk-visually-hidden"> {attempt.address}</span>
    </Button>
  );
}
